// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/spf13/cobra"

	"example.com/pernet/internal/wire"
)

// A standardOutput is standard output. It keeps the first write error.
type standardOutput struct {
	file *os.File
	bad  atomic.Pointer[error]
}

func (o *standardOutput) Write(p []byte) (int, error) {
	n, err := o.file.Write(p)
	if err != nil {
		o.bad.CompareAndSwap(nil, &err)
	}
	return n, err
}

func (o *standardOutput) Stat() (fs.FileInfo, error) { return o.file.Stat() }
func (o *standardOutput) Fd() uintptr                { return o.file.Fd() }

// err returns the first write error, or nil.
func (o *standardOutput) err() error {
	if bad := o.bad.Load(); bad != nil {
		return *bad
	}
	return nil
}

// files are the files that a command reads and writes, with their names in messages. No
// two may be the same file, even under different paths.
type files struct {
	stdin   io.Reader
	stdout  io.Writer
	names   []string
	infos   []fs.FileInfo
	closers []func()
}

// filesOf returns the files of a command: first, its standard output.
func filesOf(cmd *cobra.Command) *files {
	f := &files{stdin: cmd.InOrStdin(), stdout: cmd.OutOrStdout()}
	f.add("standard output", f.stdout) // cannot fail: the set is empty
	return f
}

// close closes the files. A file that the command created, without a result, is removed.
func (f *files) close() {
	for _, closeFile := range f.closers {
		closeFile()
	}
}

// add adds a file and fails if the set holds the same file. Only regular files are
// compared: a terminal or a pipe may be both input and output.
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

// open opens an input, or standard input for -, and returns its name in messages.
func (f *files) open(name string) (in io.Reader, called string, err error) {
	if name == "-" {
		return f.stdin, wire.Stdin, f.add("standard input", f.stdin)
	}
	if name == "" {
		return nil, "", errors.New("the name of the input is empty")
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, "", err
	}
	f.closers = append(f.closers, func() { file.Close() })
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, "", fmt.Errorf("%s is a directory", name)
	}
	return file, name, f.add(name, file)
}

// inputOf returns the input that the arguments name, or - without one.
func inputOf(args []string) string {
	if len(args) == 0 {
		return "-"
	}
	return args[0]
}

// named rejects flags that were given an empty file name.
func named(cmd *cobra.Command, flags ...string) error {
	for _, flag := range flags {
		if f := cmd.Flags().Lookup(flag); f.Changed && f.Value.String() == "" {
			return usageError(cmd, fmt.Errorf("--%s: the file name is empty", flag))
		}
	}
	return nil
}

// read adds an input that other code opens, if it exists.
func (f *files) read(flag, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer file.Close()
	return f.add(flag+" "+name, file)
}

// An output is a file that a command writes at its end. It is opened before the work, so
// that a file that cannot be written is reported at once.
type output struct {
	stdout io.Writer // nil for a file
	file   *os.File
	made   bool // the command created the file
}

// page is create, except that - is standard output.
func (f *files) page(flag, name string) (*output, error) {
	if name == "-" {
		return &output{stdout: f.stdout}, nil
	}
	return f.create(flag, name)
}

// create opens the file that the flag names. Its content is kept until the result is
// written. It returns nil for an empty name.
func (f *files) create(flag, name string) (*output, error) {
	switch name {
	case "":
		return nil, nil
	case "-":
		return nil, fmt.Errorf("%s -: name a file, because standard output has the result; ./- is a file of that name", flag)
	}
	_, err := os.Stat(name)
	made := errors.Is(err, fs.ErrNotExist)
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	o := &output{file: file, made: made}
	f.closers = append(f.closers, o.close)
	return o, f.add(flag+" "+name, file)
}

// fill replaces the content of the file by the result. A file that cannot be written keeps its
// content.
func (o *output) fill(write func(io.Writer) error) error {
	var result bytes.Buffer
	if err := write(&result); err != nil {
		return err
	}
	if o.stdout != nil {
		_, err := o.stdout.Write(result.Bytes())
		return err
	}
	info, err := o.file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		_, err := o.file.Write(result.Bytes())
		return err
	}
	if err := replace(o.file.Name(), info.Mode(), result.Bytes()); err != nil {
		return err
	}
	o.made = false
	return nil
}

// replace gives the file a new content: it writes a file beside it and renames that one.
func replace(name string, mode fs.FileMode, content []byte) error {
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	beside, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*")
	if err != nil {
		return err
	}
	_, err = beside.Write(content)
	err = errors.Join(err, beside.Chmod(mode.Perm()), beside.Close())
	if err == nil {
		err = os.Rename(beside.Name(), target)
	}
	if err != nil {
		os.Remove(beside.Name())
	}
	if bad, ok := errors.AsType[*fs.PathError](err); ok {
		return &fs.PathError{Op: bad.Op, Path: name, Err: bad.Err} // the other name says nothing
	}
	return err
}

// emptyFolder makes the folder that the flag names, unless there is one. It must be empty, so that no file of
// an earlier run is lost or mistaken for one of this run, and writable.
func emptyFolder(flag, name string) error {
	if err := os.MkdirAll(name, 0o777); err != nil {
		return err
	}
	entries, err := os.ReadDir(name)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s %s: the folder has files; name a new or an empty one", flag, name)
	}
	try, err := os.CreateTemp(name, "")
	if err != nil {
		return err
	}
	return errors.Join(try.Close(), os.Remove(try.Name()))
}

// writeNew writes a file that must not exist.
func writeNew(name string, write func(io.Writer) error) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}

// close closes the file, and removes it if the command created it and wrote no result.
func (o *output) close() {
	o.file.Close()
	if info, err := os.Stat(o.file.Name()); o.made && err == nil && info.Size() == 0 {
		os.Remove(o.file.Name())
	}
}
