// SPDX-License-Identifier: MIT

package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// FuzzScenario gives Replay any bytes. It must answer or refuse, impl and model
// must agree, each answer must be valid by its schema, and the reader must
// refuse whatever the schema refuses.
func FuzzScenario(f *testing.F) {
	for _, pattern := range []string{scenarios, "../../testdata/bad/scenario-*.jsonl"} {
		for _, file := range files(f, pattern, 18) {
			f.Add([]byte(read(f, file)))
		}
	}
	line, result := schema(f, "scenario"), schema(f, "result")
	f.Fuzz(func(t *testing.T, in []byte) {
		var out bytes.Buffer
		err := Replay(context.Background(), model.Mutex, bytes.NewReader(in), "f", &out)
		if _, bad := errors.AsType[*wire.Error](err); err != nil && !bad && err != ErrEmpty {
			t.Fatal(err)
		}
		lines := bytes.SplitAfter(in, []byte("\n"))
		answers := strings.SplitAfter(out.String(), "\n")
		for i, answer := range answers[:len(answers)-1] {
			if i >= 20 { // validating is slow
				break
			}
			if e := validate(result, answer); e != nil {
				t.Errorf("%s%v", answer, e)
			}
			if strings.HasPrefix(answer, `{"op":"hello"`) {
				continue // hello 2 is answered
			}
			if e := validate(line, string(lines[i])); e != nil {
				t.Errorf("answered, but not valid: %q: %v", lines[i], e)
			}
		}
	})
}

// FuzzCalls makes a scenario of well-formed lines out of any bytes, so that
// the fuzzer spends its time in the registry and not in the reader. Each line
// takes two bytes: what to do, and on which of a few ops and nets.
func FuzzCalls(f *testing.F) {
	f.Add([]byte{0, 1, 3, 2, 3, 3, 8, 0, 1, 0x21, 6, 0, 11, 1, 5, 0x22, 4, 0x30, 2, 0, 10, 0})
	f.Add([]byte("the quick brown fox jumps over the lazy dog"))
	f.Add(bytes.Repeat([]byte{3, 1, 5, 1, 10, 0, 7, 1, 8, 1}, 20))
	f.Fuzz(func(t *testing.T, program []byte) {
		var in, out bytes.Buffer
		lines := 0
		for ; len(program) >= 2; program = program[2:] {
			in.WriteString(lineOf(program[0], program[1]) + "\n")
			lines++
		}
		if err := Replay(context.Background(), model.Mutex, bytes.NewReader(in.Bytes()), "f", &out); err != nil && lines > 0 {
			t.Fatalf("%v\n%s", err, in.Bytes())
		}
		if n := bytes.Count(out.Bytes(), []byte("\n")); n != lines {
			t.Fatalf("%d answers to %d lines", n, lines)
		}
	})
}

// lineOf returns a line of the scenario.
func lineOf(what, which byte) string {
	ops := string(rune('a' + which%4))
	net, from := "init_net", "init_net"
	if n := which >> 2 % 6; n > 0 {
		net = fmt.Sprintf("n%d", n)
	}
	if n := which >> 5; n > 4 {
		from = fmt.Sprintf("n%d", n-4)
	}
	deferring := ""
	if which&80 == 16 {
		deferring = `,"defer":true`
	}
	switch what % 16 {
	case 0:
		return fmt.Sprintf(`{"op":"register_subsys","ops":%q,"init":%t,"exit":%t%s}`, ops, which&32 == 0, which&64 == 0, deferring)
	case 1:
		return fmt.Sprintf(`{"op":"register_device","ops":%q,"init":%t,"exit":%t%s}`, ops, which&32 == 0, which&64 == 0, deferring)
	case 2:
		return fmt.Sprintf(`{"op":"unregister_device","ops":%q}`, ops)
	case 3, 4:
		return fmt.Sprintf(`{"op":"copy","net":%q,"from":%q}`, net, from)
	case 5, 6:
		return fmt.Sprintf(`{"op":"put","net":%q}`, net)
	case 7:
		return fmt.Sprintf(`{"op":"get","net":%q}`, net)
	case 8:
		return fmt.Sprintf(`{"op":"hold","net":%q}`, net)
	case 9:
		return fmt.Sprintf(`{"op":"release","net":%q}`, net)
	case 10:
		return fmt.Sprintf(`{"op":"work","max":%d}`, 1+which%4)
	case 11:
		return fmt.Sprintf(`{"op":"fail","ops":%q,"net":%q}`, ops, net)
	case 12:
		return fmt.Sprintf(`{"op":"fail","ops":%q,"net":%q,"err":%d}`, ops, net, 1+which/32)
	case 13:
		return fmt.Sprintf(`{"op":"unregister_subsys","ops":%q}`, ops)
	case 14:
		return []string{`{"op":"fail_alloc"}`, `{"op":"list"}`, `{"op":"work"}`, `{"op":"reset"}`, `{"op":"barrier"}`, `{"op":"run_deferred"}`, `{"op":"fail_alloc","err":"ENOSPC"}`}[which%7]
	}
	return fmt.Sprintf(`{"op":"copy","newnet":false,"from":%q}`, net)
}
