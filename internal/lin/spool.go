// SPDX-License-Identifier: MIT

package lin

import (
	"bytes"
	"io"
	"os"
)

// A spool keeps what is read from a source that cannot be read twice: the first
// megabytes in memory, the rest in a temporary file.
type spool struct {
	src  io.Reader
	most int // bytes in memory
	head bytes.Buffer
	tail *os.File
	err  error // why not all is kept
}

const spoolMemory = 8 << 20

func newSpool(r io.Reader, most int) *spool { return &spool{src: r, most: most} }

func (s *spool) Read(p []byte) (int, error) {
	n, err := s.src.Read(p)
	if s.err == nil && n > 0 {
		s.err = s.keep(p[:n])
	}
	return n, err
}

func (s *spool) keep(p []byte) (err error) {
	if s.tail == nil && s.head.Len()+len(p) <= s.most {
		s.head.Write(p)
		return nil
	}
	if s.tail == nil {
		if s.tail, err = os.CreateTemp("", "pernet-lin-*"); err != nil {
			return err
		}
	}
	_, err = s.tail.Write(p)
	return err
}

// rewind returns a reader of everything from the start: what is kept, then what
// the source still has, which is kept as it is read.
func (s *spool) rewind() (io.Reader, error) {
	head := bytes.NewReader(s.head.Bytes())
	if s.err != nil || s.tail == nil {
		return io.MultiReader(head, s), s.err
	}
	size, err := s.tail.Seek(0, io.SeekEnd)
	return io.MultiReader(head, io.NewSectionReader(s.tail, 0, size), s), err
}

func (s *spool) close() {
	if s.tail != nil {
		s.tail.Close()
		os.Remove(s.tail.Name())
	}
}
