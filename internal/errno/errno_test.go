// SPDX-License-Identifier: MIT

package errno

import (
	"fmt"
	"io"
	"testing"

	"example.com/pernet/impl"
	"example.com/pernet/model"
)

// TestOfReturnsTheErrnoOfError: also when the registry has wrapped the error of an init.
func TestOfReturnsTheErrnoOfError(t *testing.T) {
	for _, e := range []model.Err{0, model.EIO, model.ENOENT, 1, 7} {
		err := Error(e)
		if got, ok := Of(err); got != e || !ok {
			t.Errorf("%v: %v, %t", e, got, ok)
		}
		if e == 0 {
			continue
		}
		if got, ok := Of(&impl.InitError{Err: err}); got != e || !ok {
			t.Errorf("%v in an InitError: %v, %t", e, got, ok)
		}
	}
	if s := Error(model.EIO).Error(); s != "EIO" {
		t.Error(s)
	}
}

// TestErrorsOfTheRegistryAreErrnos: each error of the contract has an errno, also wrapped; others have none.
func TestErrorsOfTheRegistryAreErrnos(t *testing.T) {
	for err, want := range map[error]model.Err{
		impl.ErrExist: model.EEXIST, impl.ErrNotFound: model.ENOENT, impl.ErrInvalid: model.EINVAL,
		impl.ErrInterrupted: model.EINTR, impl.ErrNoMemory: model.ENOMEM,
	} {
		if got, ok := Of(fmt.Errorf("net n: %w", err)); got != want || !ok {
			t.Errorf("%v: %v, %t", err, got, ok)
		}
	}
	for _, err := range []error{impl.ErrClosed, &impl.InitError{Err: io.EOF}} {
		if got, ok := Of(err); got != 0 || ok {
			t.Errorf("%v: %v, %t", err, got, ok)
		}
	}
}
