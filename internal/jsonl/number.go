// SPDX-License-Identifier: MIT

package jsonl

import (
	"bytes"
	"math"
	"strconv"
	"strings"

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

// Exact returns the integer that a JSON value is; false if it is none, or one
// that does not fit into 64 bits.
func Exact(v jsontext.Value) (int64, bool) {
	i, k := parseInt(v)
	return i, k == fits
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

// Canonical returns the one spelling of an integer of any size: 1.0 and 10e-1
// are 1. One of very many digits keeps an exponent.
func Canonical(v jsontext.Value) string {
	negative, significant, zeros := split(v)
	text := string(significant)
	switch {
	case text == "":
		return "0"
	case zeros > 1000:
		text += "e" + strconv.Itoa(zeros)
	default:
		text += strings.Repeat("0", max(zeros, 0))
	}
	if negative {
		text = "-" + text
	}
	return text
}

// parseDecimal is parseInt for a number with a point or an exponent.
func parseDecimal(v []byte) (int64, intKind) {
	negative, significant, zeros := split(v)
	if len(significant) == 0 {
		return 0, fits
	}
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

// split takes a number apart: its value is significant, which neither begins nor
// ends with 0, times ten to the power of zeros.
func split(v []byte) (negative bool, significant []byte, zeros int) {
	mantissa, exponent := v, 0
	if i := bytes.IndexAny(v, "eE"); i >= 0 {
		mantissa = v[:i]
		exponent, _ = strconv.Atoi(string(v[i+1:])) // clamped if it is out of range
	}
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	digits := append(bytes.Clone(whole), fraction...)
	negative = digits[0] == '-'
	digits = bytes.TrimLeft(digits, "-0")
	significant = bytes.TrimRight(digits, "0")
	// Both lengths are below 1 MiB, so a clamped exponent decides alone.
	zeros = max(min(exponent, math.MaxInt32), math.MinInt32) - len(fraction) + len(digits) - len(significant)
	return negative, significant, zeros
}
