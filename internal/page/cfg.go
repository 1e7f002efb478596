// SPDX-License-Identifier: MIT

package page

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"example.com/pernet/internal/tlc"
)

var (
	setOf    = regexp.MustCompile(`(?m)(?:^|\s)(Ops|Nets) = \{([^}]*)\}`)
	slotsOf  = regexp.MustCompile(`(?m)(?:^|\s)Slots <- (One|Two|Three)Slots?\b`)
	slotName = regexp.MustCompile(`(?:^|\s)N_([123]) = (\w+)`)
	workerOf = regexp.MustCompile(`(?:^|\s)Worker = (\w+)`)
)

// ReadNames reads what a cfg of this project's says of its counterexamples.
func ReadNames(path string) (Names, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Names{}, err
	}
	c, err := tlc.ReadCfg(filepath.Dir(path), filepath.Base(path))
	if err != nil {
		return Names{}, err
	}
	n := Names{Cfg: path, Properties: c.Properties, About: []string{filepath.Base(path) + ". " + opening(string(text))}}
	for _, m := range setOf.FindAllStringSubmatch(string(text), -1) {
		words := strings.FieldsFunc(m[2], func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
		switch m[1] {
		case "Ops":
			n.Ops = words
		case "Nets":
			n.Nets = words
		}
	}
	if m := slotsOf.FindStringSubmatch(string(text)); m != nil {
		n.Nets = make([]string, map[string]int{"One": 1, "Two": 2, "Three": 3}[m[1]])
		for _, s := range slotName.FindAllStringSubmatch(string(text), -1) {
			if i := int(s[1][0] - '1'); i < len(n.Nets) {
				n.Nets[i] = s[2]
			}
		}
	}
	if m := workerOf.FindStringSubmatch(string(text)); m != nil {
		n.Worker = m[1]
	}
	if len(n.Ops) == 0 {
		return n, fmt.Errorf("%s: no value for Ops: is it a cfg of spec/?", path)
	}
	return n, nil
}

// opening returns the comment at the top of a cfg.
func opening(text string) string {
	var words []string
	for line := range strings.Lines(text) {
		comment, ok := strings.CutPrefix(line, `\*`)
		if !ok {
			break
		}
		words = append(words, strings.Fields(comment)...)
	}
	return strings.Join(words, " ")
}
