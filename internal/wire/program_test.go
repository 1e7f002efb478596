// SPDX-License-Identifier: MIT

package wire

import (
	"strings"
	"testing"
)

func TestProgramsAreReadAndWritten(t *testing.T) {
	for _, text := range []string{
		`{"op":"run","id":7,"setup":[{"op":"fail","ops":"a","net":"n","err":"EIO"},{"op":"fail_alloc"},{"op":"copy","net":"n"}],` +
			`"clients":[[{"op":"get","net":"n"},{"op":"put","net":"n","if":0},{"op":"state"}],[]],"pause":1,"deadline":500}`,
		`{"op":"run","setup":[],"clients":[],"pause":0,"deadline":10000}`,
	} {
		p, err := read(text, RunProgram)
		if got := string(p.Append(nil)); err != nil || got != text+"\n" {
			t.Errorf("%s: %s%v", text, got, err)
		}
	}
	p, err := read(`{"op":"run","clients":[[{"op":"list"}]]}`, RunProgram)
	if err != nil || p.Deadline != 10_000 || p.Clients[0][0].If != -1 {
		t.Error(p, err)
	}
}

func TestBadProgramsAreRejected(t *testing.T) {
	for text, want := range map[string]string{
		`{"op":"list","clients":[]}`:                                    `op "list" is not run`,
		`{"op":"run"}`:                                                  `field "clients" is missing`,
		`{"op":"run","clients":[7]}`:                                    `field "clients" must be an array of arrays`,
		`{"op":"run","clients":{}}`:                                     `field "clients" must be an array`,
		`{"op":"run","clients":[],"setup":[{"op":"lost"}]}`:             `field "setup", step 0: op "lost" is no call`,
		`{"op":"run","clients":[[{"op":"fail_alloc"}]]}`:                `field "clients", step 0: op "fail_alloc" is no call`,
		`{"op":"run","clients":[[{"op":"list"},{"op":"work"}]]}`:        `field "clients", step 1: op "work" is no call`,
		`{"op":"run","clients":[[7]]}`:                                  `field "clients", step 0: not a JSON object`,
		`{"op":"run","clients":[[{"op":"list"},{"op":"list","if":1}]]}`: `field "clients", step 1: field "if" must be the index of an earlier step`,
		`{"op":"run","clients":[[{"op":"list","speed":1}]]}`:            `field "clients", step 0: unknown field "speed"`,
		`{"op":"run","clients":[],"pause":-1}`:                          `field "pause" must not be negative`,
		`{"op":"run","clients":[],"speed":1}`:                           `unknown field "speed"`,
	} {
		if _, err := read(text, RunProgram); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestAnswersToProgramsAreRead(t *testing.T) {
	decode := func(o *Object) (*End, error) { _, e, err := RunAnswer(o); return e, err }
	for _, text := range []string{`{"op":"run","id":3,"operations":7,"err":""}`, `{"op":"run","operations":0,"err":"ETIMEDOUT"}`} {
		if e, err := read(text, decode); err != nil || string(e.Append(nil)) != text+"\n" {
			t.Error(text, err)
		}
	}
	if e, err := read(`{"client":-2,"call":1,"return":2,"op":"get","net":"n","err":""}`, decode); e != nil || err != nil {
		t.Error(e, err)
	}
	for text, want := range map[string]string{
		`{"client":-3,"call":1,"return":2,"op":"get","net":"n","err":""}`: `field "client" must not be below -1, which is the worker`,
		`{"op":"get","net":"n","err":""}`:                                 `must follow; op is "get"`,
		`{"op":"run","operations":0,"err":"late"}`:                        `field "err" must be "", or the name of an errno such as "ETIMEDOUT"`,
		`{"op":"run","operations":0,"err":"","speed":1}`:                  `unknown field "speed"`,
	} {
		if _, err := read(text, decode); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
