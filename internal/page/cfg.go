// SPDX-License-Identifier: MIT

package page

import (
	"fmt"
	"path/filepath"

	"example.com/pernet/internal/tlc"
)

// ReadNames reads from a cfg the names that its counterexamples use.
func ReadNames(path string) (Names, error) {
	c, err := tlc.ReadCfg(filepath.Split(path))
	if err != nil {
		return Names{}, err
	}
	n := Names{Cfg: path, Properties: c.Properties, About: []string{c.Name + ". " + c.About}, Ops: c.Set("Ops")}
	if n.Nets = c.Slots(); n.Nets == nil && c.Has("Nets") {
		n.Nets = c.Set("Nets")
	}
	if c.Has("Worker") {
		n.Worker = c.Word("Worker")
	}
	if len(n.Ops) == 0 {
		return n, fmt.Errorf("%s: no value for Ops: is it a cfg of spec/?", path)
	}
	return n, c.Err()
}
