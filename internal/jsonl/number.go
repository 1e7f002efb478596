// SPDX-License-Identifier: MIT

package jsonl

import (
	"bytes"
	"math"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

type intKind int

const (
	notInteger intKind = iota
	fits               // in 64 bits
	tooLarge           // an integer, brought to the nearest of 64 bits
)

// Integer returns the integer that a JSON value is, brought to the nearest of
// 64 bits; false if it is none.
func Integer(v jsontext.Value) (int64, bool) {
	i, k := parseInt(v)
	return i, k != notInteger
}

// parseInt reads a JSON value as an integer. As in JSON Schema 2020-12, a
// number without a fraction is one however it is written: 1.0 and 1e0 are 1.
func parseInt(v jsontext.Value) (int64, intKind) {
	if v.Kind() != '0' {
		return 0, notInteger
	}
	if bytes.ContainsAny(v, ".eE") {
		return parseDecimal(v)
	}
	i, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil {
		return i, tooLarge // ParseInt has clamped it
	}
	return i, fits
}

// parseDecimal is parseInt for a number with a point or an exponent.
func parseDecimal(v []byte) (int64, intKind) {
	mantissa, exponent := v, 0
	if i := bytes.IndexAny(v, "eE"); i >= 0 {
		mantissa = v[:i]
		exponent, _ = strconv.Atoi(string(v[i+1:])) // clamped if it is out of range
	}
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	digits := append(bytes.Clone(whole), fraction...)
	negative := digits[0] == '-'
	digits = bytes.TrimLeft(digits, "-0")
	significant := bytes.TrimRight(digits, "0")
	if len(significant) == 0 {
		return 0, fits
	}
	// The value is significant times ten to the power of zeros. Both lengths
	// are below 1 MiB, so a clamped exponent decides alone.
	zeros := max(min(exponent, math.MaxInt32), math.MinInt32) - len(fraction) + len(digits) - len(significant)
	if zeros < 0 {
		return 0, notInteger
	}
	if zeros+len(significant) > 19 {
		if negative {
			return math.MinInt64, tooLarge
		}
		return math.MaxInt64, tooLarge
	}
	text := append(significant, bytes.Repeat([]byte("0"), zeros)...)
	if negative {
		text = append([]byte("-"), text...)
	}
	i, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return i, tooLarge
	}
	return i, fits
}
