// SPDX-License-Identifier: MIT

package replay

import (
	"strings"
	"testing"

	"example.com/pernet/internal/hook"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// copyBesidePut is a program of a copy from n1, and of calls of another client on n1.
const copyBesidePut = `{"op":"run","setup":[{"op":"register_subsys","ops":"s"},{"op":"copy","net":"n1"}],` +
	`"clients":[[{"op":"copy","net":"n2","from":"n1"}],[{"op":"list"},{"op":"put","net":"n1"},{"op":"get","net":"n1"}]],"schedule":[SCHEDULE]}`

// scheduled runs the program with a schedule, which is written "0 GetNet, -1 CleanupNetLock".
func scheduled(t *testing.T, d model.Discipline, program, schedule string) (told string, end *wire.End) {
	t.Helper()
	var turns []string
	for word := range strings.SplitSeq(schedule, ", ") {
		if client, step, ok := strings.Cut(word, " "); ok {
			turns = append(turns, "["+client+`,"`+step+`"]`)
		}
	}
	history, end := runs(t, d, strings.Replace(program, "SCHEDULE", strings.Join(turns, ","), 1))
	for _, l := range history {
		if l.Client != wire.Setup && !l.Never {
			told += l.Op + " " + l.Err.String() + strings.Join(l.Nets, "+") + "; "
		}
	}
	return told, end
}

// TestScheduleDecidesTheAnswers: between the moments of a copy, n1 has its reference, and between
// two calls it has not.
func TestScheduleDecidesTheAnswers(t *testing.T) {
	const copies = "0 CopyNetNsGet, 0 CopyNetNsAlloc, 0 CopyNetNsLock, "
	const lists = ", 1 ListNetsLock, 1 ListNetsRead, 1 PutNet"
	for _, c := range []struct {
		discipline     model.Discipline
		schedule, told string
	}{
		{model.Mutex, copies + "0 SetupNetInit, 0 CopyNetNsRtnlLock, 0 CopyNetNsListAdd, 0 CopyNetNsUnlock" + lists + ", 1 GetNet, 0 CopyNetNsPut",
			"list init_net+n1+n2; put ; get ; copy ; "},
		{model.Mutex, copies + "0 SetupNetInit" + lists + ", 0 CopyNetNsRtnlLock, 0 CopyNetNsListAdd, 0 CopyNetNsUnlock, 0 CopyNetNsPut, 1 GetNet",
			"list init_net+n1; put ; get ENOENT; copy ; cleanup n1; "},
		{model.RWSem, copies + "0 SetupNetBegin, 0 SetupNetInit, 0 SetupNetListAdd" + lists + ", 0 CopyNetNsUnlock, 1 GetNet, 0 CopyNetNsPut",
			"list init_net+n1+n2; put ; get ; copy ; "},
		{model.Mutex, "1 ListNetsLock, 1 ListNetsRead, 1 PutNet", "list init_net+n1; copy ENOENT; put ; cleanup n1; get ENOENT; "}, // then client 0, and the worker once n1 is queued
		{model.Mutex, "", "copy ; list init_net+n1+n2; put ; cleanup n1; get ENOENT; "},                                            // the lowest client first
	} {
		told, end := scheduled(t, c.discipline, copyBesidePut, c.schedule)
		if told != c.told || end.Err != "" {
			t.Errorf("%s:\n%s %+v, want\n%s", c.schedule, told, end, c.told)
		}
	}
}

// TestScheduleThatDoesNotFitIsRefused: the step is another one, or waits for a lock, or there is none.
func TestScheduleThatDoesNotFitIsRefused(t *testing.T) {
	for schedule, want := range map[string]wire.Misfit{
		"0 CopyNetNsGet, 0 CopyNetNsLock": {Index: 1, Turn: wire.Turn{Client: 0, Step: "CopyNetNsLock"}, Found: "CopyNetNsAlloc"},
		"0 CopyNetNsGet, 0 CopyNetNsAlloc, 0 CopyNetNsLock, 0 SetupNetInit, 0 CopyNetNsRtnlLock, 1 ListNetsLock": {
			Index: 5, Turn: wire.Turn{Client: 1, Step: "ListNetsLock"}, Found: "ListNetsLock"},
		"-1 CleanupNetLock": {Index: 0, Turn: wire.Turn{Client: -1, Step: "CleanupNetLock"}},
	} {
		told, end := scheduled(t, model.Mutex, copyBesidePut, schedule)
		if told != "" || end.Err != wire.NoStep || *end.At != want {
			t.Errorf("%s: %s %+v %+v", schedule, told, end, end.At)
		}
	}
}

// TestThreadsThatNeverEndAreReported: the registry itself does not bring it about.
func TestThreadsThatNeverEndAreReported(t *testing.T) {
	run, err := NewStepped(t.Context(), model.Mutex, &wire.Program{Clients: make([][]wire.Step, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	if end := run.run(nil); end.Err != "" {
		t.Error(end)
	}
	free := false
	run.Threads.Go(ThreadOf(0), func() { run.Threads.Point(hook.Point{Ready: func() bool { return free }}) })
	if end := run.run(nil); end.Err != "EDEADLK" {
		t.Error(end)
	}
	free = true
}

// TestStateHasTheCallsUnderWay: what a call has run belongs to the state.
func TestStateHasTheCallsUnderWay(t *testing.T) {
	p, err := wire.RunProgram(object(t, strings.Replace(copyBesidePut, "SCHEDULE", "", 1)))
	if err != nil {
		t.Fatal(err)
	}
	run, err := NewStepped(t.Context(), model.Mutex, &p)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	seen := map[string]bool{run.State(): true}
	for _, step := range []string{"CopyNetNsGet", "CopyNetNsAlloc", "CopyNetNsLock", "SetupNetInit"} {
		if m := run.Follow([]wire.Turn{{Client: 0, Step: step}}); m != nil {
			t.Fatal(m)
		}
		seen[run.State()] = true
	}
	if open := run.History()[2]; len(seen) != 5 || open.Client != 0 || open.Return >= 0 || len(open.Calls) != 1 {
		t.Errorf("%d states, %+v", len(seen), run.History())
	}
}

func object(t *testing.T, text string) *wire.Object {
	t.Helper()
	o, err := wire.NewReader(strings.NewReader(text), "f").Next()
	if err != nil {
		t.Fatal(err)
	}
	return o
}
