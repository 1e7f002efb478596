// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"example.com/pernet/internal/wire"
)

// files are those that a command reads and writes, with their names in messages. None
// that it writes may be another of them, by whatever path.
type files struct {
	names []string
	infos []fs.FileInfo
}

// filesOf begins with standard output, which is written too.
func filesOf(stdout io.Writer) *files {
	f := &files{}
	f.add("standard output", stdout) // there is no other yet
	return f
}

// add adds a file, and fails if it is there under another name. What is no regular
// file can be several things at once.
func (f *files) add(name string, file any) error {
	s, ok := file.(interface{ Stat() (fs.FileInfo, error) })
	if !ok {
		return nil
	}
	info, err := s.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	for i, other := range f.infos {
		if os.SameFile(info, other) {
			return fmt.Errorf("%s and %s are the same file", name, f.names[i])
		}
	}
	f.names, f.infos = append(f.names, name), append(f.infos, info)
	return nil
}

// open opens an input, - being standard input, and returns its name in messages.
func (f *files) open(name string, stdin io.Reader) (in io.Reader, called string, close func(), err error) {
	if name == "-" {
		return stdin, wire.Stdin, func() {}, f.add("standard input", stdin)
	}
	if name == "" {
		return nil, "", nil, errors.New("the name of the input is empty")
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, "", nil, err
	}
	if info, err := file.Stat(); err == nil && info.IsDir() {
		file.Close()
		return nil, "", nil, fmt.Errorf("%s is a directory", name)
	}
	if err := f.add(name, file); err != nil {
		file.Close()
		return nil, "", nil, err
	}
	return file, name, func() { file.Close() }, nil
}

// named fails for flags that were given, and name nothing.
func named(cmd *cobra.Command, flags ...string) error {
	for _, flag := range flags {
		if f := cmd.Flags().Lookup(flag); f.Changed && f.Value.String() == "" {
			return usageError(cmd, fmt.Errorf("--%s: it names no file", flag))
		}
	}
	return nil
}

// read adds an input that others open, if it is there.
func (f *files) read(flag, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer file.Close()
	return f.add(flag+" "+name, file)
}

// An output is a file that a command writes at its end. It is opened before the
// work, so that nobody waits for a result that has nowhere to go.
type output struct {
	stdout io.Writer // nil: it is a file
	file   *os.File
	made   bool // there was no such file before
}

// page is create, but - is standard output.
func (f *files) page(flag, name string, stdout io.Writer) (*output, error) {
	if name == "-" {
		return &output{stdout: stdout}, nil
	}
	return f.create(flag, name)
}

// create opens the file that the flag names, and leaves what is in it until the
// result is there. It returns nil for no name.
func (f *files) create(flag, name string) (*output, error) {
	switch name {
	case "":
		return nil, nil
	case "-":
		return nil, fmt.Errorf("%s -: it must name a file, for standard output has the answer; ./- is a file of that name", flag)
	}
	_, err := os.Stat(name)
	made := errors.Is(err, fs.ErrNotExist)
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	o := &output{file: file, made: made}
	if err := f.add(flag+" "+name, file); err != nil {
		o.close()
		return nil, err
	}
	return o, nil
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
	if info, err := o.file.Stat(); err == nil && info.Mode().IsRegular() {
		if err := o.file.Truncate(0); err != nil {
			return err
		}
	}
	if _, err := o.file.Write(result.Bytes()); err != nil {
		o.file.Truncate(0) // half a result is none
		return err
	}
	o.made = false
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
