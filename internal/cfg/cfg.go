// SPDX-License-Identifier: MIT

// Package cfg reads the constants of an instance from TLC's configuration file,
// so that the code and TLC work on one and the same instance.
package cfg

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// A File is a configuration file. Its methods return zero values after the
// first constant that is missing or not what it should be; Err says which.
type File struct {
	path, text string
	err        error
}

// Read reads the file.
func Read(path string) (*File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return &File{path: path, text: string(text)}, nil
}

// Err returns what was wrong first, with the file's name.
func (f *File) Err() error { return f.err }

// Fail records what is wrong with the file, unless something was wrong before.
func (f *File) Fail(format string, args ...any) {
	if f.err == nil {
		f.err = fmt.Errorf("%s: %s", f.path, fmt.Sprintf(format, args...))
	}
}

func (f *File) find(name, arrow, value string) string {
	m := regexp.MustCompile(`(?:^|\s)` + regexp.QuoteMeta(name) + ` *` + arrow + ` *` + value).FindStringSubmatch(f.text)
	if m == nil {
		f.Fail("no value for %s", name)
		return ""
	}
	return m[1]
}

// Word returns the model value, number or truth value that the constant is.
func (f *File) Word(name string) string { return f.find(name, "=", `(\S+)`) }

// Override returns the definition that stands in for the constant ("Slots <- TwoSlots").
func (f *File) Override(name string) string { return f.find(name, "<-", `(\S+)`) }

// Set returns the members of a constant that is a set of model values.
func (f *File) Set(name string) []string {
	return strings.FieldsFunc(f.find(name, "=", `\{([^}]*)\}`), func(r rune) bool { return strings.ContainsRune(", \t\n", r) })
}

// Number returns a constant that is a number.
func (f *File) Number(name string) int {
	text := f.Word(name)
	n, err := strconv.Atoi(text)
	if err != nil && text != "" {
		f.Fail("%s is %q, not a number", name, text)
	}
	return n
}

// Bool returns a constant that is TRUE or FALSE.
func (f *File) Bool(name string) bool {
	switch text := f.Word(name); text {
	case "TRUE":
		return true
	case "FALSE", "":
	default:
		f.Fail("%s is %q, neither TRUE nor FALSE", name, text)
	}
	return false
}
