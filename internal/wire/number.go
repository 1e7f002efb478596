// SPDX-License-Identifier: MIT

package wire

import (
	"bytes"
	"errors"
	"regexp"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Why a JSON value is no integer of the formats. Ordinary JSON libraries lose
// digits of what a signed 64-bit integer cannot hold, and read 1.0 and 1e0 as floats.
var (
	errNotInteger = errors.New("must be an integer")
	errSpelling   = errors.New("must be an integer, written without fraction or exponent")
	errTooLarge   = errors.New("must be a signed 64-bit integer, from -2^63 to 2^63-1")
)

// parseInt returns the integer that a JSON value is.
func parseInt(v jsontext.Value) (int64, error) {
	if v.Kind() != '0' {
		return 0, errNotInteger
	}
	if bytes.ContainsAny(v, ".eE") {
		return 0, errSpelling
	}
	i, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil {
		return 0, errTooLarge
	}
	return i, nil
}

// Errno returns the required field "err": the name of an errno, "" for success,
// or the positive number that an init returned. A port may know errnos that we
// do not, so any E followed by capitals and digits is a name.
func (o *Object) Errno() (name string, number int64) {
	v, ok := o.need("err")
	switch {
	case !ok:
		return "", 0
	case v.Kind() == '0':
		if number = o.int("err", v); number >= 1 || o.err != nil {
			return "", number
		}
	case v.Kind() == '"':
		if name = unquote(v); name == "" || errnoName.MatchString(name) {
			return name, 0
		}
	}
	o.Fail(`field "err" must be "", the name of an errno such as "ENOMEM", or a positive integer`)
	return "", 0
}

var errnoName = regexp.MustCompile(`^E[A-Z0-9]+$`)
