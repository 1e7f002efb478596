// SPDX-License-Identifier: MIT

package conform

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"example.com/pernet/internal/replay"
	"example.com/pernet/internal/wire"
	"example.com/pernet/model"
)

// A session is a conversation with one process of the adapter, after its answer to hello.
type session struct {
	*adapter
	port wire.Answer // to hello
	in   *wire.Reader
	sent int // lines
}

// open starts the adapter and says hello.
func open(ctx context.Context, command []string, d model.Discipline, timeout time.Duration) (*session, error) {
	a, err := start(ctx, command, timeout)
	if err != nil {
		return nil, err
	}
	s := &session{adapter: a, in: wire.NewReader(nil, "adapter")}
	hello := wire.Line{Op: wire.Hello, Version: wire.Version, Discipline: string(d)}
	if t := s.hello(&hello); t != nil {
		a.kill()
		return nil, t
	}
	return s, nil
}

func (s *session) hello(hello *wire.Line) *Trouble {
	line := strings.TrimSuffix(string(hello.AppendScenario(nil)), "\n")
	if t := s.send([]byte(line + "\n")); t != nil {
		t.Sent = line
		return t
	}
	s.sent++
	a, came, t := s.answer(line, "hello")
	if t != nil {
		return t
	}
	what, discipline := "", cmp.Or(a.Discipline, string(model.Mutex))
	switch {
	case a.Op != wire.Hello:
		what = "the first line must be answered as a hello"
	case a.Refused:
		what = fmt.Sprintf("the adapter does not speak version %d of the protocol, or is not of the discipline %s", wire.Version, hello.Discipline)
	case discipline != hello.Discipline:
		what = fmt.Sprintf("the adapter is of the discipline %s; this run is of %s", discipline, hello.Discipline)
	case a.Version != wire.Version:
		what = fmt.Sprintf("the adapter speaks version %d of the protocol; this is version %d", a.Version, wire.Version)
	}
	if what != "" {
		t := s.trouble(Protocol, what)
		t.Sent, t.Came = line, came
		return t
	}
	s.port = a
	return nil
}

// line returns the next line of the adapter as an object, and its text. A line that breaks
// JSON is the trouble.
func (s *session) line(sent, what string, timeout time.Duration) (*wire.Object, string, *Trouble) {
	text, t := s.next(what, timeout)
	if t != nil {
		t.Sent = sent
		return nil, "", t
	}
	o, err := s.in.Parse([]byte(text))
	if err != nil {
		return nil, text, s.broken(sent, text, err)
	}
	return o, text, nil
}

// broken is the trouble of a line that breaks the format.
func (s *session) broken(sent, came string, err error) *Trouble {
	what := err.Error()
	if bad, ok := errors.AsType[*wire.Error](err); ok {
		what = "the line that came breaks the format: " + bad.Msg
	}
	t := s.trouble(Protocol, what)
	t.Sent, t.Came = sent, came
	return t
}

// answer returns the answer to the line that was sent.
func (s *session) answer(sent, what string) (wire.Answer, string, *Trouble) {
	o, came, t := s.line(sent, what, s.timeout)
	if t != nil {
		return wire.Answer{}, came, t
	}
	a, err := wire.Result(o, replay.Claims())
	if err != nil {
		return a, came, s.broken(sent, came, err)
	}
	return a, came, nil
}

// resetLine comes before each case.
const resetLine = `{"op":"reset"}`

// reset starts a fresh registry.
func (s *session) reset() *Trouble {
	var odd *Trouble
	t := s.ask([]wire.Line{{Op: wire.Reset}}, []string{resetLine}, true, func(_ int, a wire.Answer) bool {
		due := wire.Line{Op: wire.Reset, ID: a.ID, Nets: []string{wire.InitNet}}
		if text := replay.Differences(a.ResultFields(), due.ResultFields(), "due"); text != "" {
			odd = s.trouble(Protocol, "the registry is not a fresh one; the answer differs from the one that is due in"+text)
		}
		return odd == nil
	})
	t = cmp.Or(t, odd)
	if t != nil {
		t.Reset, t.What = true, "at the reset before this case: "+t.What
	}
	return t
}

// ask sends the lines of a scenario and calls each with every answer, in their order, until it
// returns false. It sends many lines before it reads the first answer, or with step one at a time.
func (s *session) ask(asked []wire.Line, texts []string, step bool, each func(n int, a wire.Answer) bool) *Trouble {
	ahead := aheadLines
	if step {
		ahead = 1
	}
	for n := 0; n < len(asked); {
		end := min(n+ahead, len(asked))
		var out bytes.Buffer
		sent := make([]string, 0, ahead)
		for i := n; i < end; i++ {
			sent = append(sent, numbered(&asked[i], texts[i], s.sent+1+i-n))
			out.WriteString(sent[i-n] + "\n")
		}
		if t := s.send(out.Bytes()); t != nil {
			t.Sent = sent[0]
			return t
		}
		for _, line := range sent {
			s.sent++
			id := cmp.Or(asked[n].ID, strconv.Itoa(s.sent))
			a, came, t := s.answer(line, "the line with id "+id)
			if t == nil && a.ID != id {
				t = s.trouble(Protocol, fmt.Sprintf("the answer to the line with id %s must repeat the id: an answer is missing, doubled or out of order", id))
				t.Sent, t.Came = line, came
			}
			if t != nil || !each(n, a) {
				return t
			}
			n++
		}
	}
	return nil
}

// numbered returns the text of a line with an id, which it may have.
func numbered(l *wire.Line, text string, n int) string {
	if l.ID != "" {
		return text
	}
	return `{"id":` + strconv.Itoa(n) + `,` + strings.TrimPrefix(strings.TrimSpace(text), "{")
}
