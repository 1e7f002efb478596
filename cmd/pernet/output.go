// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
)

// An output is a file that a command writes at its end. It is opened before the
// work, so that nobody waits for a result that has nowhere to go.
type output struct {
	stdout io.Writer // nil: it is a file
	file   *os.File
	made   bool // there was no such file before
}

// openPage is openOutput, but - is standard output.
func openPage(name string, stdout io.Writer) (*output, error) {
	if name == "-" {
		return &output{stdout: stdout}, nil
	}
	return openOutput(name)
}

// openOutput opens the file, and leaves what is in it until the result is there.
// It returns nil for no name.
func openOutput(name string) (*output, error) {
	if name == "" {
		return nil, nil
	}
	_, err := os.Stat(name)
	made := errors.Is(err, fs.ErrNotExist)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	return &output{file: f, made: made}, nil
}

// fill writes the result in one piece, in place of what was in the file.
func (o *output) fill(write func(io.Writer) error) error {
	var result bytes.Buffer
	if err := write(&result); err != nil {
		return err
	}
	if o.stdout != nil {
		_, err := o.stdout.Write(result.Bytes())
		return err
	}
	o.made = false
	if info, err := o.file.Stat(); err == nil && info.Mode().IsRegular() {
		if err := o.file.Truncate(0); err != nil {
			return err
		}
	}
	if _, err := o.file.Write(result.Bytes()); err != nil {
		return err
	}
	return o.file.Close()
}

// close ends the use of the file, and removes it again if there is no result.
func (o *output) close() {
	if o == nil || o.stdout != nil {
		return
	}
	o.file.Close()
	if info, err := os.Stat(o.file.Name()); o.made && err == nil && info.Size() == 0 {
		os.Remove(o.file.Name())
	}
}
