// SPDX-License-Identifier: MIT

package tlcrun

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"example.com/pernet/internal/tlc"
)

// ListCfgs returns the names of the cfgs in dir, as tlc.ListCfgs does. It returns an error
// for the first row of faults.tsv that is wrong: one that makes no cfg, has no module, or
// uses an operator that its modules do not define.
func ListCfgs(dir string) ([]string, error) {
	names, err := tlc.ListCfgs(dir)
	if err != nil {
		return nil, err
	}
	texts := map[string]string{} // by module
	for _, name := range names {
		c, err := tlc.ReadCfg(dir, name)
		if err != nil {
			return nil, err
		}
		if !c.Made {
			continue
		}
		module, err := tlc.ModuleOf(dir, c)
		if err != nil {
			c.Fail("%v", err)
		} else if texts[module] == "" {
			if texts[module], err = textOf(dir, module); err != nil {
				return nil, err
			}
		}
		for _, name := range c.Needs {
			if !regexp.MustCompile(`(?m)^` + name + ` *(\([^)]*\))? *==`).MatchString(texts[module]) {
				c.Fail("neither %s.tla nor a module that it uses defines %s", module, name)
			}
		}
		if c.Err() != nil {
			return nil, c.Err()
		}
	}
	return names, nil
}

// textOf returns the text of the module and of the modules that it uses.
func textOf(dir, module string) (string, error) {
	var all strings.Builder
	modules, err := modulesOf(dir, module)
	for _, m := range modules {
		text, readErr := os.ReadFile(filepath.Join(dir, m))
		err = errors.Join(err, readErr)
		all.WriteString(string(text) + "\n")
	}
	return all.String(), err
}

var (
	extends  = regexp.MustCompile(`\bEXTENDS\s+(\w+(?:\s*,\s*\w+)*)`)
	instance = regexp.MustCompile(`\bINSTANCE\s+(\w+)`)
)

// Files returns the names of the files that a run of cfg on module reads: the cfg, the
// module, and the modules that it extends or instantiates, directly or not. Modules that
// are not in dir belong to TLC and are left out.
func Files(dir, cfg, module string) ([]string, error) {
	modules, err := modulesOf(dir, module)
	if err != nil {
		return nil, err
	}
	slices.Sort(modules)
	return append([]string{cfg}, modules...), nil
}

// modulesOf returns the files of the module and of the modules that it uses.
func modulesOf(dir, module string) (files []string, err error) {
	queue := []string{module}
	for len(queue) > 0 {
		m := queue[0]
		queue = queue[1:]
		if slices.Contains(files, m+".tla") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, m+".tla"))
		if errors.Is(err, os.ErrNotExist) && m != module {
			continue // a module of TLC's own
		}
		if err != nil {
			return nil, err
		}
		files = append(files, m+".tla")
		queue = append(queue, references(string(text))...)
	}
	return files, nil
}

var quoted = regexp.MustCompile(`"(?:\\.|[^"\\\n])*"?`)

func references(text string) []string {
	code := Code(text)
	code = quoted.ReplaceAllString(code, "")
	var names []string
	for _, m := range extends.FindAllStringSubmatch(code, -1) {
		for name := range strings.SplitSeq(m[1], ",") {
			names = append(names, strings.TrimSpace(name))
		}
	}
	for _, m := range instance.FindAllStringSubmatch(code, -1) {
		names = append(names, m[1])
	}
	return names
}

var moduleBegin = regexp.MustCompile(`-{4,}\s*MODULE\b`)

// ModuleBegin returns the offset at which the module in a text begins. TLC ignores what
// comes before, comments included. For a text without a module it returns 0.
func ModuleBegin(text string) int {
	if at := moduleBegin.FindStringIndex(text); at != nil {
		return at[0]
	}
	return 0
}

// Code returns the code of the module in a text, without comments.
func Code(text string) string {
	code, _ := tlc.SplitComments(text[ModuleBegin(text):])
	return code
}

// ReadFile reads a file that Files names. For a row of faults.tsv it returns the cfg that
// TLC is given.
func ReadFile(dir, name string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(dir, name))
	if !errors.Is(err, os.ErrNotExist) || filepath.Ext(name) != ".cfg" {
		return text, err
	}
	c, err := tlc.ReadCfg(dir, name)
	if err != nil {
		return nil, err
	}
	return []byte(c.Text()), nil
}

// Digest returns the SHA-256 of a file that Files names, in hexadecimal.
func Digest(dir, name string) (string, error) {
	text, err := ReadFile(dir, name)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
