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
		`{"op":"run","setup":[],"clients":[[{"op":"list"}]],"pause":0,"deadline":10000,"schedule":[[-1,"CleanupNetLock"],[0,"ListNetsLock"]]}`,
		`{"op":"run","setup":[],"clients":[],"pause":0,"deadline":10000,"schedule":[]}`,
	} {
		p, err := read(text, RunProgram)
		if got := string(p.Append(nil)); err != nil || got != text+"\n" {
			t.Errorf("%s: %s%v", text, got, err)
		}
	}
	p, err := read(`{"op":"run","clients":[[{"op":"list"}]],"schedule":null}`, RunProgram)
	if err != nil || p.Deadline != 10_000 || p.Clients[0][0].If != -1 || p.Schedule != nil {
		t.Error(p, err)
	}
}

func TestBadProgramsAreRejected(t *testing.T) {
	for text, want := range map[string]string{
		`{"op":"list","clients":[]}`:                                                 `op "list" is not run`,
		`{"op":"run"}`:                                                               `field "clients" is missing`,
		`{"op":"run","clients":[7]}`:                                                 `field "clients" must be an array of arrays`,
		`{"op":"run","clients":{}}`:                                                  `field "clients" must be an array`,
		`{"op":"run","clients":[],"setup":[{"op":"lost"}]}`:                          `field "setup", step 0: op "lost" is no call`,
		`{"op":"run","clients":[[{"op":"fail_alloc"}]]}`:                             `field "clients", step 0: op "fail_alloc" is no call`,
		`{"op":"run","clients":[[{"op":"list"},{"op":"work"}]]}`:                     `field "clients", step 1: op "work" is no call`,
		`{"op":"run","clients":[[{"op":"register_subsys","ops":"a","defer":true}]]}`: `field "clients", step 0: "defer" is of scenarios: a program has no deferred callbacks`,
		`{"op":"run","clients":[[7]]}`:                                               `field "clients", step 0: not a JSON object`,
		`{"op":"run","clients":[[{"op":"list"},{"op":"list","if":1}]]}`:              `field "clients", step 1: field "if" must be the index of an earlier step`,
		`{"op":"run","clients":[[{"op":"list","speed":1}]]}`:                         `field "clients", step 0: unknown field "speed"`,
		`{"op":"run","clients":[],"pause":-1}`:                                       `field "pause" must not be negative`,
		`{"op":"run","clients":[],"speed":1}`:                                        `unknown field "speed"`,
		`{"op":"run","clients":[],"schedule":{}}`:                                    `field "schedule" must be an array`,
		`{"op":"run","clients":[],"schedule":[[-1,"A"],[0,"B"]]}`:                    `field "schedule", entry 1: must be the number of a client, -1 for the worker, and the name of a step`,
		`{"op":"run","clients":[],"schedule":[[-1,2]]}`:                              `field "schedule", entry 0: must be the number of a client, -1 for the worker, and the name of a step`,
		`{"op":"run","clients":[],"schedule":[[-1.0,"A"]]}`:                          `field "schedule", entry 0: must be the number of a client, -1 for the worker, and the name of a step`,
		`{"op":"run","clients":[[{"op":"state"}]],"schedule":[]}`:                    `field "clients", step 0: a state has no steps, so a run with a schedule has none`,
	} {
		if _, err := read(text, RunProgram); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestAnswersToProgramsAreRead(t *testing.T) {
	decode := func(o *Object) (*End, error) { _, e, err := RunAnswer(o); return e, err }
	for _, text := range []string{`{"op":"run","id":3,"operations":7,"err":""}`, `{"op":"run","operations":0,"err":"ETIMEDOUT"}`,
		`{"op":"run","operations":2,"err":"ENOSTEP","at":{"index":1,"client":-1,"wanted":"CleanupNetLock","found":null}}`,
		`{"op":"run","operations":2,"err":"ENOSTEP","at":{"index":0,"client":0,"wanted":"GetNet","found":"PutNet"}}`} {
		if e, err := read(text, decode); err != nil || string(e.Append(nil)) != text+"\n" {
			t.Error(text, err)
		}
	}
	if e, err := read(`{"client":-2,"call":1,"return":2,"op":"get","net":"n","err":""}`, decode); e != nil || err != nil {
		t.Error(e, err)
	}
	for text, want := range map[string]string{
		`{"client":-3,"call":1,"return":2,"op":"get","net":"n","err":""}`: `field "client" must not be below -2, which is the set-up of a program`,
		`{"op":"get","net":"n","err":""}`:                                 `must follow; op is "get"`,
		`{"op":"run","operations":0,"err":"late"}`:                        `field "err" must be "", or the name of an errno such as "ETIMEDOUT"`,
		`{"op":"run","operations":0,"err":"","speed":1}`:                  `unknown field "speed"`,
		`{"op":"run","operations":0,"err":"ENOSTEP"}`:                     `field "at" is missing`,
		`{"op":"run","operations":0,"err":"ENOSTEP","at":{"index":0}}`:    `field "at": field "client" is missing`,
	} {
		if _, err := read(text, decode); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// TestUntimedOperationHasNoTime: neither of the call nor of its callbacks, which keep theirs.
func TestUntimedOperationHasNoTime(t *testing.T) {
	l := Line{Client: -1, Call: 3, Return: 9, Op: Cleanup, Nets: []string{"n"}, Freed: []string{"n"}, Calls: []Callback{{Exit: true, Ops: "a", Net: "n", Timed: true, Begin: 4, End: 5}}}
	const want = `{"client":-1,"op":"cleanup","nets":["n"],"calls":[["exit","a","n"]],"freed":["n"]}` + "\n"
	if got := string(l.AppendUntimed(nil)); got != want || !l.Calls[0].Timed {
		t.Error(got)
	}
}
