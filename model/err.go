// SPDX-License-Identifier: MIT

package model

import "strconv"

// Err is the result of a call: 0 for success, a negative errno, or the positive number that an
// init returned (hazard H1).
type Err int

// The errnos. Their numbers are Linux's, negated as the kernel returns them.
const (
	EPERM   Err = -1
	ENOENT  Err = -2
	EINTR   Err = -4
	EIO     Err = -5
	EAGAIN  Err = -11
	ENOMEM  Err = -12
	EBUSY   Err = -16
	EEXIST  Err = -17
	EINVAL  Err = -22
	ENOSPC  Err = -28
	ENOTSUP Err = -95
)

var errNames = map[Err]string{
	EPERM: "EPERM", ENOENT: "ENOENT", EINTR: "EINTR", EIO: "EIO", EAGAIN: "EAGAIN",
	ENOMEM: "ENOMEM", EBUSY: "EBUSY", EEXIST: "EEXIST", EINVAL: "EINVAL",
	ENOSPC: "ENOSPC", ENOTSUP: "ENOTSUP",
}

// String returns "" for success, an errno's name, or the positive number.
func (e Err) String() string {
	if e == 0 {
		return ""
	}
	if name, ok := errNames[e]; ok {
		return name
	}
	return strconv.Itoa(int(e))
}

// ParseErr returns the errno of that name, or false if there is none.
func ParseErr(name string) (Err, bool) {
	for e, known := range errNames {
		if known == name {
			return e, true
		}
	}
	return 0, false
}
