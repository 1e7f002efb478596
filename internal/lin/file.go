// SPDX-License-Identifier: MIT

package lin

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A Reader reads the operations of one file, line by line. It checks each line
// alone; how they follow each other is checked once they are sorted.
type Reader struct{ in *wire.Reader }

// NewReader returns a reader of r; file is its name in messages.
func NewReader(r io.Reader, file string) *Reader { return &Reader{wire.NewReader(r, file)} }

// Next returns the next operation, or io.EOF. A *wire.Error names a bad line.
func (r *Reader) Next() (wire.Line, error) {
	o, err := r.in.Next()
	if err != nil {
		return wire.Line{}, err
	}
	l, err := wire.Operation(o)
	l.Number = o.Line()
	return l, err
}

// A File is a history to read and judge.
type File struct {
	Name  string    // for messages
	In    io.Reader // if it is an io.Seeker too, it can be read again
	Limit int       // of configurations; 0 is DefaultLimit

	Discipline model.Discipline
}

// errDisorder says that a line belongs before what was judged already.
var errDisorder = errors.New("not in order of time")

// Check judges the file. Its lines may be in any order. As long as they are
// roughly in order of time, a window is judged and dropped as soon as a moment
// is seen at which nothing was pending, so memory stays bounded. A line that
// belongs before such a moment makes Check begin again, with all in memory.
// A refused history is read once more, for the lines that its failure names.
//
// The error, if any, is that of a line that breaks the format or of reading.
// When ctx ends first the verdict is Undecided.
func (f *File) Check(ctx context.Context) (*Checker, error) {
	in, rewind := f.In, func() (io.Reader, error) { _, err := f.In.(io.Seeker).Seek(0, io.SeekStart); return f.In, err }
	if !seekable(in) {
		kept := newKept(in)
		defer kept.close()
		in, rewind = kept, kept.rewind
	}
	read := false
	again := func() (io.Reader, error) {
		if read {
			return rewind()
		}
		read = true
		return in, nil
	}
	c, err := decide(map[int]string{}, func(took map[int]string) (*Checker, error) { return f.check(ctx, again, took) })
	if err != nil || c.result.Failure == nil {
		return c, err
	}
	if in, err := again(); err == nil { // else the lines are written anew
		c.result.Failure.quote(in)
	}
	return c, nil
}

// check is Check for cleanups that took these nets, by line.
func (f *File) check(ctx context.Context, again func() (io.Reader, error), took map[int]string) (*Checker, error) {
	for step := (*Checker).early; ; step = func(*Checker) error { return nil } {
		in, err := again()
		if err != nil {
			return nil, err
		}
		c, idle, err := f.read(ctx, in, step, took)
		if err != errDisorder {
			return c, err
		}
		select {
		case <-idle: // the goroutine has ended
		case <-ctx.Done():
			c.undecided(ctx.Err())
			return c, nil
		}
	}
}

func seekable(in io.Reader) bool {
	s, ok := in.(io.Seeker)
	if !ok {
		return false
	}
	at, err := s.Seek(0, io.SeekCurrent)
	return err == nil && at == 0
}

// A kept is a source that cannot be read twice. What is read of it is kept in a
// temporary file.
type kept struct {
	in   io.Reader
	file *os.File
	err  error // why not all is kept; it counts once the source is to be read again
}

func newKept(in io.Reader) *kept {
	file, err := os.CreateTemp("", "pernet-lin-*")
	return &kept{in, file, err}
}

func (k *kept) Read(p []byte) (int, error) {
	n, err := k.in.Read(p)
	if k.err == nil {
		_, k.err = k.file.Write(p[:n])
	}
	return n, err
}

// rewind returns a reader of everything from the start: what is kept, then what
// the source still has, which is kept as it is read.
func (k *kept) rewind() (io.Reader, error) {
	if k.err != nil {
		return nil, k.err
	}
	size, err := k.file.Seek(0, io.SeekEnd)
	return io.MultiReader(io.NewSectionReader(k.file, 0, size), k), err
}

func (k *kept) close() {
	if k.file != nil {
		k.file.Close()
		os.Remove(k.file.Name())
	}
}

// read gives the operations to a new checker, calls step after each batch and judges
// the rest at the end. Once idle is closed, nothing reads in.
func (f *File) read(ctx context.Context, in io.Reader, step func(*Checker) error, took map[int]string) (c *Checker, idle chan struct{}, err error) {
	c = NewChecker(ctx, f.Discipline, f.Name, f.Limit)
	c.took = took
	batches := make(chan batch, 4)
	stop := make(chan struct{})
	defer close(stop)
	idle = make(chan struct{})
	go func() {
		defer close(idle)
		readBatches(in, f.Name, batches, stop)
	}()
	for {
		var b batch
		select {
		case b = <-batches:
		case <-ctx.Done(): // reading may block for ever
			c.undecided(ctx.Err())
			return c, idle, nil
		}
		for i := range b.ops {
			c.read(b.ops[i], b.ops[i].Number)
		}
		if err := step(c); err != nil {
			return c, idle, err
		}
		if b.err == io.EOF {
			return c, idle, c.rest()
		}
		if b.err != nil {
			return c, idle, b.err
		}
	}
}

// undecided ends a check of a file that was not read to its end. Even a failure
// found in the windows that were judged is none: a line that is still to come
// may belong before it.
func (c *Checker) undecided(err error) {
	c.result.Verdict, c.result.Reason, c.result.Failure = Undecided, reason(err), nil
	c.result.Operations += len(c.buffer)
}

// A batch is some operations, and the error that came after them.
type batch struct {
	ops []wire.Line
	err error
}

func readBatches(in io.Reader, name string, to chan<- batch, stop <-chan struct{}) {
	r := NewReader(in, name)
	for {
		b := batch{ops: make([]wire.Line, 0, 256)}
		for len(b.ops) < cap(b.ops) && b.err == nil {
			var op wire.Line
			if op, b.err = r.Next(); b.err == nil {
				b.ops = append(b.ops, op)
			}
		}
		select {
		case to <- b:
		case <-stop:
			return
		}
		if b.err != nil {
			return
		}
	}
}

// early judges the windows of the buffer that are over, if no later line turns
// out to belong to them. It leaves the later half alone: who writes a history
// down often does so in lumps, client by client.
func (c *Checker) early() error {
	const enough = 1 << 14
	for _, x := range c.buffer[c.looked:] {
		if x.Call <= c.over {
			return errDisorder
		}
	}
	c.looked = len(c.buffer)
	if len(c.buffer) < max(enough, 2*c.left) {
		return nil
	}
	sortCalls(c.buffer)
	begin := 0
	for _, end := range cuts(c.buffer) {
		if end > len(c.buffer)/2 {
			break
		}
		for _, x := range c.buffer[begin:end] {
			c.over = max(c.over, latest(&x.Line))
		}
		if err := c.window(slices.Clone(c.buffer[begin:end])); err != nil {
			return err
		}
		begin = end
	}
	c.buffer = slices.Clone(c.buffer[begin:])
	c.looked, c.left = len(c.buffer), len(c.buffer)
	c.forget()
	return nil
}
