// SPDX-License-Identifier: MIT

package lin

import (
	"io"

	"example.com/pernet/internal/wire"
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
