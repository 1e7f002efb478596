// SPDX-License-Identifier: MIT

// Package errno turns the errors of package impl into the errnos of package model, and back.
package errno

import (
	"errors"

	"example.com/pernet/impl"
	"example.com/pernet/internal/hook"
	"example.com/pernet/model"
)

// An initErr is an init's error that keeps its name.
type initErr model.Err

// Error returns the errno's name.
func (e initErr) Error() string { return model.Err(e).String() }

// Error returns what an init returns to make its call answer e.
func Error(e model.Err) error {
	switch {
	case e == 0:
		return nil
	case e > 0:
		return hook.Positive(e)
	}
	return initErr(e)
}

var answers = []struct {
	is  error
	err model.Err
}{
	{impl.ErrExist, model.EEXIST}, {impl.ErrNotFound, model.ENOENT}, {impl.ErrInvalid, model.EINVAL},
	{impl.ErrInterrupted, model.EINTR}, {impl.ErrNoMemory, model.ENOMEM}, {impl.ErrQuota, model.ENOSPC},
}

// Of returns the errno that the registry's answer stands for; false if there is none.
func Of(err error) (model.Err, bool) {
	if err == nil {
		return 0, true
	}
	if e, ok := errors.AsType[initErr](err); ok {
		return model.Err(e), true
	}
	if e, ok := errors.AsType[hook.Positive](err); ok {
		return model.Err(e), true
	}
	for _, a := range answers {
		if errors.Is(err, a.is) {
			return a.err, true
		}
	}
	return 0, false
}
