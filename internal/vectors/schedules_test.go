// SPDX-License-Identifier: MIT

// Under the scheduler one thread runs at a time, so there are no races to detect.

//go:build !race

package vectors

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"example.com/pernet/docs"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// few returns the set of the schedules of a few programs.
func few(t *testing.T, d model.Discipline, names ...string) *Set {
	t.Helper()
	all := scheduledPrograms
	defer func() { scheduledPrograms = all }()
	scheduledPrograms = slices.DeleteFunc(slices.Clone(all), func(p scheduledProgram) bool { return !slices.Contains(names, p.name) })
	s, err := Schedules(t.Context(), d, "set")
	if err != nil {
		t.Fatal(err)
	}
	return reread(t, s)
}

func TestSchedulesTakeEveryEdge(t *testing.T) {
	for _, d := range []model.Discipline{model.Mutex, model.RWSem} {
		s := few(t, d, "register-copy", "two-nets")
		r := check(t, s)
		if len(r.Problems) > 0 || r.Covered != s.Edges || s.Edges < 150 {
			t.Errorf("%s\n%s", r.Summary(s), strings.Join(r.Problems, "\n"))
		}
	}
}

// TestPublishedSchedulesAreThoseOfThePrograms: pernet vectors --schedules makes them again.
func TestPublishedSchedulesAreThoseOfThePrograms(t *testing.T) {
	for d, name := range map[model.Discipline]string{model.Mutex: "schedules.jsonl.gz", model.RWSem: "rwsem-schedules.jsonl.gz"} {
		file, err := os.Open("../../testdata/vectors/" + name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		published, err := Read(file, name)
		if err != nil {
			t.Fatal(err)
		}
		made, err := Schedules(t.Context(), d, "set")
		if err != nil {
			t.Fatal(err)
		}
		var texts [2]bytes.Buffer
		for i, s := range []*Set{published, made} {
			if s.Name = "set"; s.Write(&texts[i]) != nil {
				t.Fatal("not written")
			}
		}
		if !bytes.Equal(texts[0].Bytes(), texts[1].Bytes()) {
			t.Errorf("%[1]s is stale: pernet vectors --schedules --discipline %[2]s --output testdata/vectors/%[1]s", name, d)
		}
	}
}

// TestRecountOfSchedulesFindsWhatIsWrong breaks a set in each way.
func TestRecountOfSchedulesFindsWhatIsWrong(t *testing.T) {
	whole := few(t, model.Mutex, "register-copy")
	last := len(whole.Vectors) - 1
	for want, spoil := range map[string]func(s *Set){
		"no vector tries this: ":   func(s *Set) { s.Vectors = s.Vectors[:last] },
		"no vector takes Register": func(s *Set) { s.Vectors = s.Vectors[1:] },
		"schedules/register-copy/1: another answer than pernet's\n    read:   {": func(s *Set) { s.Vectors[0].Due = s.Vectors[1].Due },
		"takes the steps ":                                func(s *Set) { s.Vectors[0].Rows = nil },
		`needs ["steps"], the set says []`:                func(s *Set) { s.Vectors[0].Needs = nil },
		"not a program with a schedule, in a set of them": func(s *Set) { s.Vectors[0].Program = nil },
		"edges: 1 in the set, 50 of the graph":            func(s *Set) { s.Edges = 1 },
		`due:    {"op":"run","err":"ENOSTEP","at":{"index":0,"client":0,"wanted":"GetNet","found":"RegisterLock"}}`: func(s *Set) {
			s.Vectors[last].Program.Schedule = []wire.Turn{{Client: 0, Step: "GetNet"}}
		},
	} {
		s := reread(t, whole)
		spoil(s)
		if r := check(t, s); !strings.Contains(strings.Join(r.Problems, "\n"), want) {
			t.Errorf("want %s in\n%s", want, strings.Join(r.Problems, "\n"))
		}
	}
}

// TestTooManyClientsAreRefused: a moment has room for a few.
func TestTooManyClientsAreRefused(t *testing.T) {
	s := few(t, model.Mutex, "register-copy")
	s.Vectors[0].Program.Clients = make([][]wire.Step, most)
	if _, err := Check(t.Context(), s); err == nil || !strings.HasSuffix(err.Error(), "4 clients: at most 3") {
		t.Error(err)
	}
}

// TestStepsOfSchedulesAreThoseOfTheTable holds their names to docs/correspondence.md.
func TestStepsOfSchedulesAreThoseOfTheTable(t *testing.T) {
	for _, d := range []model.Discipline{model.Mutex, model.RWSem} {
		for _, p := range scheduledPrograms {
			g, err := newMoments(t.Context(), d, p.program())
			if err != nil {
				t.Fatal(err)
			}
			for _, out := range g.Out {
				for _, e := range out {
					if !strings.Contains(docs.Correspondence, "`"+e.Label+"`") {
						t.Fatalf("%s, %s: no row has %s", d, p.name, e.Label)
					}
				}
			}
		}
	}
}

// TestToldHasOneCleanupOfEachNet: whether the worker has written one or several.
func TestToldHasOneCleanupOfEachNet(t *testing.T) {
	exit := func(net string) wire.Callback { return wire.Callback{Exit: true, Ops: "a", Net: net} }
	list := wire.Line{Client: 0, Call: 1, Return: 2, Op: wire.List, Nets: []string{"n1", "n2"}}
	cleanup := func(freed []string, calls []wire.Callback, nets ...string) wire.Line {
		return wire.Line{Client: wire.Worker, Call: 3, Return: 4, Op: wire.Cleanup, Nets: nets, Freed: freed, Calls: calls}
	}
	one := []wire.Line{list, cleanup([]string{"n1"}, []wire.Callback{exit("n2"), exit("n1")}, "n2", "n1")}
	several := []wire.Line{cleanup([]string{}, []wire.Callback{exit("n2")}, "n2"), cleanup([]string{"n1"}, []wire.Callback{exit("n1")}, "n1"), list}
	end := &wire.End{ID: "7", Operations: 3}
	if text := Untold(Told(several, end), Told(one, end)); text != "" || len(Told(one, end)) != 4 {
		t.Error(text)
	}
	if text := Untold(Told(one, end), Told(one[:1], end)); strings.Count(text, "read:") != 2 || strings.Contains(text, "due:") {
		t.Error(text)
	}
	if text := Untold(Told(one[:1], end), Told(one, end)); strings.Count(text, "due:") != 2 || strings.Contains(text, "read:") {
		t.Error(text)
	}
	more := []wire.Line{list, cleanup([]string{"n1"}, []wire.Callback{exit("n2"), exit("init_net"), exit("n1")}, "n2", "n1")}
	if text := Untold(Told(more, end), Told(one, end)); !strings.Contains(text, `["exit","a","init_net"]`) {
		t.Errorf("an exit on a net that is not cleaned up is not compared: %q", text)
	}
	if told := Told(one, &wire.End{Err: wire.NoStep, At: &wire.Misfit{}}); len(told) != 1 {
		t.Errorf("%s", told)
	}
}
