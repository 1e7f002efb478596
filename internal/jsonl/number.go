// SPDX-License-Identifier: MIT

package jsonl

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Why a JSON value is no integer of the formats. Ordinary JSON libraries lose
// digits of what needs more than 64 bits, and read 1.0 and 1e0 as floats.
var (
	errNotInteger = errors.New("must be an integer")
	errSpelling   = errors.New("must be an integer, written without fraction or exponent")
	errTooLarge   = errors.New("must be an integer of at most 64 bits")
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
