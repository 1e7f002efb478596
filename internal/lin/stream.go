// SPDX-License-Identifier: MIT

package lin

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"

	"example.com/pernet/internal/wire"
)

// A File is a history to read and judge.
type File struct {
	Name  string    // for messages
	In    io.Reader // if it is an io.Seeker too, it can be read again
	Limit int       // of configurations; 0 is DefaultLimit

	spool int // bytes of what cannot be read again that stay in memory; 0 is spoolMemory
}

// errDisorder says that a line belongs before what was judged already.
var errDisorder = errors.New("not in order of time")

// Check judges the file. Lines may stand in any order. As long as they are
// roughly in order of time, a window is judged and dropped as soon as a moment
// is seen at which nothing was pending, so memory stays bounded. A line that
// belongs before such a moment makes Check begin again, with all in memory.
// A refused history is read once more, for the lines that its failure names.
//
// The error, if any, is that of a line that breaks the format or of reading.
// When ctx ends first the verdict is Undecided.
func (f *File) Check(ctx context.Context) (*Checker, error) {
	var again func() (io.Reader, error) // from the start
	if s, ok := f.In.(io.Seeker); ok && seekable(s) {
		read := false
		again = func() (_ io.Reader, err error) {
			if read {
				_, err = s.Seek(0, io.SeekStart)
			}
			read = true
			return f.In, err
		}
	} else {
		sp := newSpool(f.In, cmp.Or(f.spool, spoolMemory))
		defer sp.close()
		again = sp.rewind
	}
	c, err := f.decide(ctx, again, map[int]string{})
	if err != nil || c.result.Failure == nil {
		return c, err
	}
	if in, err := again(); err == nil { // else the lines are written anew
		c.result.Failure.quote(in)
	}
	return c, nil
}

// check is Check for cleanups that took these nets, by line.
func (f *File) check(ctx context.Context, again func() (io.Reader, error), took map[int]string) (*Checker, *unnamed, error) {
	for step := (*Checker).early; ; step = func(*Checker) error { return nil } {
		in, err := again()
		if err != nil {
			return nil, nil, err
		}
		u := newUnnamed()
		c, idle, err := f.read(ctx, in, step, func(o *wire.Line) {
			if net, ok := took[o.Number]; ok {
				o.Nets = []string{net}
			}
			u.see(o, o.Number)
		})
		if err != errDisorder {
			return c, u, err
		}
		select {
		case <-idle: // nobody else reads any more
		case <-ctx.Done():
			c.undecided(ctx.Err())
			return c, u, nil
		}
	}
}

func seekable(s io.Seeker) bool {
	at, err := s.Seek(0, io.SeekCurrent)
	return err == nil && at == 0
}

// read gives the operations to see and then to a new checker, calls step after each
// batch and judges what is left at the end. Once idle is closed, nothing reads in.
func (f *File) read(ctx context.Context, in io.Reader, step func(*Checker) error, see func(*wire.Line)) (c *Checker, idle chan struct{}, err error) {
	c = NewChecker(ctx, f.Name, f.Limit)
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
			see(&b.ops[i])
			c.buffer = append(c.buffer, c.number(&b.ops[i], b.ops[i].Number))
		}
		if err := step(c); err != nil {
			return c, idle, err
		}
		if b.err == io.EOF {
			return c, idle, c.all(c.buffer)
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
		if c.judged && x.Call <= c.over {
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
			c.over = max(c.over, x.Call)
			if !x.Never {
				c.over = max(c.over, x.Return)
			}
		}
		if err := c.window(slices.Clone(c.buffer[begin:end])); err != nil {
			return err
		}
		c.judged = true
		begin = end
	}
	c.buffer = slices.Clone(c.buffer[begin:])
	c.looked, c.left = len(c.buffer), len(c.buffer)
	c.forget()
	return nil
}
