// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/internal/tlc"
)

// What MCnetns.cfg, MCregistry.cfg and MCusers.cfg have TLC check is proved, but for liveness: each
// invariant and each property of steps, as it is or under a condition on a
// constant that the cfg satisfies.
func TestEveryClaimOfTheInstancesIsProved(t *testing.T) {
	for _, target := range targets {
		everyClaimIsProved(t, target)
	}
}

var liveness = []string{"ZeroIsFreedProp"}

func everyClaimIsProved(t *testing.T, target Target) {
	const specs = "../../spec"
	cfg, err := tlc.ReadCfg(specs, target.Cfg)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(specs, target.Files[len(target.Files)-1]))
	if err != nil {
		t.Fatal(err)
	}
	proved := map[string]bool{}
	for _, operator := range []string{target.Inductive, target.Implied, target.Steps} {
		for _, name := range conjuncts(t, string(text), operator) {
			proved[name] = true
			for _, constant := range []string{"Positive", "Cancel"} {
				if m := regexp.MustCompile(`(?m)^` + name + `\s*== ~` + constant + `(?: \\/ Modern)? => (\w+)$`).FindStringSubmatch(string(text)); m != nil && !cfg.Bool(constant) {
					proved[m[1]] = true
				}
			}
		}
	}
	claims := append(cfg.Invariants, cfg.Properties...)
	if len(claims) < 7 {
		t.Errorf("%s has %d claims", target.Cfg, len(claims))
	}
	for _, name := range claims {
		if !proved[name] && !proved[strings.TrimSuffix(name, "Prop")] && !slices.Contains(liveness, name) {
			t.Errorf("%s is not among what is proved", name)
		}
	}
}

// conjuncts are the names in a definition that is a conjunction of names.
func conjuncts(t *testing.T, text, operator string) []string {
	def := regexp.MustCompile(`(?m)^` + operator + `\s*==([^(=]*)`).FindString(text)
	if def == "" {
		t.Fatalf("nothing defines %s", operator)
	}
	_, def, _ = strings.Cut(def, "==")
	if i := strings.Index(def, "\n\n"); i >= 0 {
		def = def[:i]
	}
	return strings.Fields(strings.ReplaceAll(def, `/\`, " "))
}
