// SPDX-License-Identifier: MIT

package conform

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/pernet/internal/replay"
	"example.com/pernet/model"
)

// The test binary is the adapter of the tests: with this variable it answers as
// pernet replay does, but for one fault.
const faultVariable = "PERNET_CONFORM_FAULT"

// With this variable it writes there which child it has left.
const childVariable = "PERNET_CONFORM_CHILD"

func TestMain(m *testing.M) {
	if fault, ok := os.LookupEnv(faultVariable); ok {
		os.Exit(standIn(fault))
	}
	flag.Set("test.parallel", "4") // the tests of broken adapters wait more than they work
	os.Exit(m.Run())
}

// standIn is an adapter with a fault, "" for none. The faults of single answers are those of the
// tenth.
func standIn(fault string) int {
	switch fault {
	case "flood":
		fmt.Fprint(os.Stderr, strings.Repeat("much ado\n", 1_000_000))
	case "greets":
		fmt.Println("ready")
	case "deaf":
		time.Sleep(time.Hour)
	case "never ends", "leaves a child", "leaves a daemon":
		child := exec.Command("sleep", "1000")
		child.SysProcAttr = &syscall.SysProcAttr{Setsid: fault == "leaves a daemon"} // then it is in no group of ours
		child.Stdout = os.Stdout
		child.Start()
		os.WriteFile(os.Getenv(childVariable), fmt.Append(nil, child.Process.Pid), 0o666)
	}
	out, in := &spoiler{fault: fault}, io.Reader(os.Stdin)
	if strings.Contains(fault, "ignores the schedule") {
		in = &unscheduled{in: bufio.NewReader(os.Stdin)}
	}
	if err := replay.Replay(context.Background(), model.Mutex, in, "stdin", out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	switch fault {
	case "ends badly":
		return 7
	case "never ends":
		time.Sleep(time.Hour)
	case "says goodbye":
		fmt.Println(`{"op":"list"}`)
	}
	return 0
}

// unscheduled leaves the schedules out of the lines that it reads.
type unscheduled struct {
	in   *bufio.Reader
	left []byte
}

func (u *unscheduled) Read(p []byte) (int, error) {
	if len(u.left) == 0 {
		line, err := u.in.ReadBytes('\n')
		if err != nil {
			return 0, err
		}
		u.left = regexp.MustCompile(`,"schedule":\[.*\]`).ReplaceAll(line, nil)
	}
	n := copy(p, u.left)
	u.left = u.left[n:]
	return n, nil
}

// A spoiler writes answers, but for its fault.
type spoiler struct {
	fault string
	n     int
	kept  []byte
}

func (s *spoiler) Write(answer []byte) (int, error) {
	s.n++
	out, write := string(answer), func(text string) { io.WriteString(os.Stdout, text) }
	if strings.Contains(out, `"operations":`) {
		write(s.history(out))
		return len(answer), nil
	}
	if s.n == 1 && s.fault == "other version" {
		write(strings.Replace(out, `"version":1`, `"version":2`, 1))
		return len(answer), nil
	}
	if s.n == 1 && s.fault == "refuses hello" {
		write(`{"op":"hello","err":"EINVAL"}` + "\n")
		return len(answer), nil
	}
	if s.n == 1 && s.fault == "claims nothing" {
		write(`{"op":"hello","version":1,"name":"x","language":"y","features":[]}` + "\n")
		return len(answer), nil
	}
	if s.n == 1 && s.fault == "claims speed" {
		write(strings.Replace(out, `"misuse"`, `"speed"`, 1))
		return len(answer), nil
	}
	if s.n == 1 && (strings.HasPrefix(s.fault, "claims little") || s.fault == "lacks use-count" || s.fault == "stops at a positive init") {
		write(`{"op":"hello","version":1,"name":"x","language":"y","features":["newnet"]}` + "\n")
		return len(answer), nil
	}
	switch {
	case s.fault == "no reset" && s.n == 2:
		os.Exit(3)
	case s.fault == "resets nothing" && strings.Contains(out, `"op":"reset"`):
		out = strings.Replace(out, `"nets":["init_net"]`, `"nets":["init_net","n1"]`, 1)
	case s.fault == "lacks use-count" && (strings.Contains(out, `"hold"`) || strings.Contains(out, `"release"`)):
		out = strings.Replace(out, `"err":""`, `"err":"ENOTSUP"`, 1)
	case s.fault == "stops at a positive init" && strings.Contains(out, `"op":"copy"`):
		out = regexp.MustCompile(`"err":\d`).ReplaceAllString(out, `"err":"EIO"`)
	case s.fault == "first_device stays" && strings.Contains(out, `"unregister_device"`):
		out = regexp.MustCompile(`"first_device":[^,]*`).ReplaceAllString(out, `"first_device":"x"`)
	case s.fault == "wrong undo" && strings.Contains(out, `["exit","a","init_net"]`) && strings.Contains(out, "ENOMEM"):
		out = strings.Replace(out, `["exit","a","init_net"]`, `["exit","a","n1"]`, 1)
	case s.fault == "unsupported" && strings.Contains(out, `"copy"`):
		out = strings.Replace(out, `"err":""`, `"err":"ENOTSUP"`, 1)
	case s.fault == "out of order" && s.n == 10:
		s.kept = bytes.Clone(answer)
		return len(answer), nil
	case s.fault == "out of order" && s.n == 11:
		out += string(s.kept)
	case s.n != 10:
	case s.fault == "missing", s.fault == "buffers" && s.n >= 10:
		return len(answer), nil
	case s.fault == "doubled":
		out += out
	case s.fault == "half a line":
		write(out[:20])
		os.Exit(0)
	case s.fault == "half a line, then nothing":
		write(out[:20])
		time.Sleep(time.Hour)
	case s.fault == "not JSON":
		out = "segmentation fault\n"
	case s.fault == "unknown field":
		out = strings.Replace(out, `{`, `{"speed":1,`, 1)
	case s.fault == "blank line":
		out = "\n"
	case s.fault == "long line":
		out = strings.Repeat("a", 3<<20) + "\n"
	case s.fault == "exits", s.fault == "leaves a child", s.fault == "leaves a daemon":
		fmt.Fprintln(os.Stderr, "out of luck")
		os.Exit(3)
	case strings.HasSuffix(s.fault, "hangs"):
		time.Sleep(time.Hour)
	}
	write(out)
	return len(answer), nil
}

// history spoils the answer to a run, in each of the ways that the fault names.
func (s *spoiler) history(out string) string {
	for fault := range strings.SplitSeq(s.fault, "; ") {
		out = spoiled(out, fault)
	}
	return out
}

func spoiled(out, fault string) string {
	lines := strings.SplitAfter(strings.TrimSuffix(out, "\n"), "\n")
	end := len(lines) - 1
	lines[end] += "\n"
	first := regexp.MustCompile(`"client":0,"call":(\d+),"return":(\d+)`)
	switch fault {
	case "has no end":
		lines = lines[:end]
	case "stops at entry 1":
		lines[end] = regexp.MustCompile(`"err":.*`).ReplaceAllString(lines[end], `"err":"ENOSTEP","at":{"index":1,"client":0,"wanted":"CopyNetNsAlloc","found":"CopyNetNsLock"}}`)
	case "no place":
		lines[end] = regexp.MustCompile(`"err":.*`).ReplaceAllString(lines[end], `"err":"ENOSTEP"}`)
	case "drops a call":
		lines = slices.DeleteFunc(lines, func(l string) bool { return strings.Contains(l, `"client":1,`) })
		lines[len(lines)-1] = regexp.MustCompile(`"operations":\d+`).ReplaceAllString(lines[len(lines)-1], fmt.Sprintf(`"operations":%d`, len(lines)-1))
	case "swaps two calls": // their times go back
		a, b := slices.IndexFunc(lines, first.MatchString), 0
		for i := a + 1; i < end && b == 0; i++ {
			if first.MatchString(lines[i]) {
				b = i
			}
		}
		at, bt := first.FindString(lines[a]), first.FindString(lines[b])
		lines[a], lines[b] = strings.Replace(lines[a], at, bt, 1), strings.Replace(lines[b], bt, at, 1)
	case "counts wrongly":
		lines[end] = regexp.MustCompile(`"operations":\d+`).ReplaceAllString(lines[end], `"operations":7`)
	case "other id":
		lines[end] = regexp.MustCompile(`"id":\d+`).ReplaceAllString(lines[end], `"id":7000`)
	case "clock goes backwards":
		at := slices.IndexFunc(lines, first.MatchString)
		lines[at] = first.ReplaceAllString(lines[at], `"client":0,"call":$2,"return":$1`)
	case "the first call comes last":
		at := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, `"client":0,`) })
		lines[at] = first.ReplaceAllString(lines[at], `"client":0,"call":999999998,"return":999999999`)
	case "two calls at once":
		for i := range lines[:end] {
			lines[i] = regexp.MustCompile(`"return":\d+`).ReplaceAllString(lines[i], `"return":999999999`)
		}
	case "a client too many":
		lines[0] = strings.Replace(lines[0], `"client":-2`, `"client":9`, 1)
		lines = append([]string{`{"client":-2,"call":0,"return":0,"op":"register_subsys","ops":"s","err":"","calls":[["init","s","init_net"]]}` + "\n"}, lines...)
		lines[end+1] = regexp.MustCompile(`"operations":\d+`).ReplaceAllString(lines[end+1], fmt.Sprintf(`"operations":%d`, end+1))
	case "late":
		lines[end] = strings.Replace(lines[end], `"err":""`, `"err":"ETIMEDOUT"`, 1)
		lines[0] = regexp.MustCompile(`"return":\d+,(.*?),"err".*`).ReplaceAllString(lines[0], `"return":null,$1}`)
	case "never returns":
		lines[end-1] = regexp.MustCompile(`"return":\d+,(.*?),"err".*`).ReplaceAllString(lines[end-1], `"return":null,$1}`)
	case "the worker gets":
		lines[end] = `{"client":-1,"call":999999998,"return":999999999,"op":"get","net":"init_net","err":""}` + "\n" +
			regexp.MustCompile(`"operations":\d+`).ReplaceAllString(lines[end], fmt.Sprintf(`"operations":%d`, end+1))
	case "begins early":
		for i := end - 1; i >= 0; i-- {
			if strings.Contains(lines[i], `"client":-2`) {
				lines[i] = regexp.MustCompile(`"return":\d+`).ReplaceAllString(lines[i], `"return":999999999`)
				break
			}
		}
	case "went wrong":
		lines[end] = strings.Replace(lines[end], `"err":""`, `"err":"EIO"`, 1)
	case "drops the last cleanup": // that no call of a client can have seen
		last := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, `"client":-1,`) && returned(l) == latest(lines[:end]) })
		if last >= 0 {
			lines = slices.Delete(lines, last, last+1)
			lines[end-1] = regexp.MustCompile(`"operations":\d+`).ReplaceAllString(lines[end-1], fmt.Sprintf(`"operations":%d`, end-1))
		}
	case "records no callbacks":
		for i := range lines[:end] {
			lines[i] = regexp.MustCompile(`,"calls":\[(\[[^]]*\],?)*\]`).ReplaceAllString(lines[i], "")
			lines[i] = strings.Replace(lines[i], "}\n", `,"calls":null}`+"\n", 1)
		}
	case "forgets init_net": // an answer that no order explains
		for i := range lines {
			if strings.Contains(lines[i], `"op":"list"`) {
				lines[i] = strings.Replace(lines[i], `"nets":["init_net",`, `"nets":[`, 1)
			}
		}
	}
	return strings.Join(lines, "")
}

// returned returns when the operation has returned, and latest when the last one has.
func returned(line string) (at int64) {
	if m := regexp.MustCompile(`"return":(\d+)`).FindStringSubmatch(line); m != nil {
		at, _ = strconv.ParseInt(m[1], 10, 64)
	}
	return at
}

func latest(lines []string) (at int64) {
	for _, l := range lines {
		at = max(at, returned(l))
	}
	return at
}
