// SPDX-License-Identifier: MIT

package sany

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
)

// Cached is Export, with the XML kept in the folder cache under the digest of what
// it is made from: the jar, the module, and the modules beside it. Java runs only
// if it is not there yet. There is one file for each module.
func Cached(ctx context.Context, cache, java, jar, dir, module string) ([]byte, error) {
	sources, err := filepath.Glob(filepath.Join(dir, "*.tla"))
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	for _, file := range append(sources, jar) {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(sum, "%s %x\n", filepath.Base(file), sha256.Sum256(text))
	}
	kept := filepath.Join(cache, fmt.Sprintf("%s-%x.xml", module, sum.Sum(nil)[:16]))
	if xml, err := os.ReadFile(kept); err == nil {
		return xml, nil
	}
	xml, err := Export(ctx, java, jar, dir, module)
	if err == nil {
		replace(filepath.Join(cache, module+"-*.xml"), kept, xml)
	}
	return xml, err
}

// replace writes the file whole, or not at all, and removes the others that match. Without the
// file Java runs again: an error is none of the caller's.
func replace(others, name string, text []byte) {
	f, err := os.CreateTemp(filepath.Dir(name), "xml-")
	if err != nil {
		return
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if closed := f.Close(); err != nil || closed != nil {
		return
	}
	old, _ := filepath.Glob(others)
	for _, file := range old {
		os.Remove(file)
	}
	_ = os.Rename(f.Name(), name)
}
