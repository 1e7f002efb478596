// SPDX-License-Identifier: MIT

package page

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"example.com/pernet/internal/race"
)

// What is on the page: names in the zones of pernet_list, who holds a lock, what is marked.
const (
	zones   = `['left', 'right'].map(z => [...document.querySelectorAll('.zone.' + z + ' .box b')].map(e => e.textContent).join(' ')).join('|')`
	netsOn  = `[...document.querySelectorAll('[data-key=netList] .box b')].map(e => e.textContent).join(' ')`
	isHeld  = `['netMutex', 'rtnl'].map(k => document.querySelector('[data-key=' + k + ']').innerText.replace(/\s*\(changed\)/, '').trim()).join('|')`
	marked  = `[...document.querySelectorAll('[data-key].changed')].map(e => e.dataset.key)`
	onPage  = `[...document.querySelectorAll('[data-key]')].map(e => e.dataset.key)`
	threads = `Object.fromEntries([...document.querySelectorAll('[data-thread]')].map(e => [e.dataset.thread, e.innerText.replace(/\s+/g, ' ')]))`
)

// TestPageByMouse uses the buttons, the list of steps and the slider.
func TestPageByMouse(t *testing.T) {
	b := open(t, counterexample(t, "MCnetnsBugSubsysAtTail"))
	b.at("1", "9")
	if got := eval[string](b, zones+` + ' ' + `+netsOn); got != "| N_1" {
		t.Errorf("at first the lists are %q", got)
	}
	b.click("#forward")
	b.click("#forward")
	b.at("3", "9")
	if got := eval[string](b, zones); got != "O_d|" {
		t.Errorf("O_d is linked, firstDevice is still the head: %q", got)
	}
	if got := eval[string](b, isHeld); got != "held by T_1|free" {
		t.Errorf("locks: %q", got)
	}
	if got := eval[[]string](b, marked); !slices.Equal(got, []string{"linked.O_d", "thread.T_1"}) {
		t.Errorf("marked: %q", got)
	}
	where := eval[map[string]string](b, threads)
	for _, part := range []string{"T_1 took this step", "ops->init on the next net R13", "in the spec RegisterInit", "in the code call.inits", "holds net_mutex"} {
		if !strings.Contains(where["T_1"], part) {
			t.Errorf("T_1's place does not say %q: %q", part, where["T_1"])
		}
	}
	b.click("#steps li:nth-child(5) a")
	b.at("5", "9")
	if got := eval[string](b, zones); got != "|O_d" {
		t.Errorf("the device is the first one: %q", got)
	}
	if got := eval[string](b, isHeld); got != "free|free" {
		t.Errorf("locks: %q", got)
	}
	b.click("#back")
	b.at("4", "9")
	b.click("#last")
	b.at("9", "9")
	b.click("#forward") // the last step: it stays
	b.at("9", "9")
	if got := eval[string](b, zones); got != "|O_d O_s" {
		t.Errorf("the subsystem is behind the device: %q", got)
	}
	b.click("#first")
	b.at("1", "9")
	eval[bool](b, `(s => { s.value = 6; return s.dispatchEvent(new Event('input')); })(document.getElementById('slider'))`)
	b.at("7", "9")
}

// TestPageByKeyboard presses the keys with the focus in several places.
func TestPageByKeyboard(t *testing.T) {
	b := open(t, counterexample(t, "MCnetnsBugUnfairWorker"))
	for _, c := range []struct{ keys, at string }{
		{kb.ArrowRight, "2"}, {kb.ArrowRight + kb.ArrowRight, "4"}, {kb.ArrowLeft, "3"}, {kb.End, "20"}, {kb.ArrowRight, "20"},
		{kb.Home, "1"}, {kb.ArrowLeft, "1"}, {"7", "7"},
	} {
		b.press(c.keys)
		b.at(c.at, "20")
	}
	b.do(chromedp.Sleep(1100 * time.Millisecond)) // longer than two digits of one number may be apart
	b.press("12")
	b.at("12", "20")
	b.do(chromedp.Focus(chromedp.CSS("#slider")))
	b.press(kb.ArrowRight)
	b.at("13", "20")
	b.press(kb.Home)
	b.at("1", "20")
	b.do(chromedp.Focus(chromedp.CSS("#steps li:nth-child(14) a")))
	b.press(kb.Enter)
	b.at("14", "20")
}

// TestPageNamesTheProblem tests that the page names the violation, also at the last step, and
// where a counterexample to liveness continues.
func TestPageNamesTheProblem(t *testing.T) {
	b := open(t, counterexample(t, "MCnetnsBugUnfairWorker"))
	if got := b.text("#problem"); got != "The property PutIsFreedProp is violated." {
		t.Error(got)
	}
	if got := b.text("#steps li.bad"); !strings.Contains(got, "✗ The property PutIsFreedProp is violated. ↺ From here it goes back, by ReleaseNet, to state 17, for ever.") {
		t.Error(got)
	}
	if got := b.text("#now"); strings.Contains(got, "✗") {
		t.Error(got)
	}
	b.press(kb.End)
	if got := b.text("#now"); !strings.HasSuffix(got, "✗ The property PutIsFreedProp is violated. ↺ From here it goes back, by ReleaseNet, to state 17, for ever.") {
		t.Error(got)
	}
}

// TestPageMarksWhatChanged compares the marks, the lists and the locks with the state, at each
// step.
func TestPageMarksWhatChanged(t *testing.T) {
	if race.Enabled {
		t.Skip("the browser does it all: nothing can race")
	}
	_, trace := schedule(t)
	marksWhatChanged(t, trace)
	marksWhatChanged(t, rwsemSchedule(t))
}

func marksWhatChanged(t *testing.T, trace Trace) {
	b := open(t, trace)
	for i, step := range trace.Steps {
		if i > 0 {
			b.press(kb.ArrowRight)
		}
		b.at(fmt.Sprint(i), fmt.Sprint(len(trace.Steps)-1))
		changed := map[string]bool{}
		for _, c := range step.Changes {
			changed[c.Key] = true
		}
		for _, key := range eval[[]string](b, onPage) {
			isMarked := slices.Contains(eval[[]string](b, marked), key)
			if own := !strings.HasPrefix(key, "linked.") && !strings.HasPrefix(key, "unlinked.") && key != "pernetList"; own && isMarked != changed[key] {
				t.Errorf("step %d: %s marked %v, changed %v", i, key, isMarked, changed[key])
			}
			delete(changed, key)
		}
		for key := range changed {
			if key != "pernetList" && !strings.HasPrefix(key, "kind.") {
				t.Errorf("step %d: %s changed, and is not on the page", i, key)
			}
		}
		s := step.State
		want := strings.Join(s.List, " ") + "; " + strings.Join(s.NetList, " ")
		if got := eval[string](b, zones+`.replace('|', ' ').trim() + '; ' + `+netsOn); got != want {
			t.Errorf("step %d: the lists are %q, want %q", i, got, want)
		}
		for _, lock := range s.Locks {
			want := "free"
			if len(lock.Holders) > 0 {
				want = strings.TrimSpace("held by " + strings.Join(lock.Holders, ", ") + " " + lock.Mode)
			}
			if len(lock.Waiting) > 0 {
				want += "; " + lock.waiting(len(lock.Waiting))
			}
			if got := b.text(`[data-key=` + lock.Variable + `]`); !strings.HasPrefix(got, want) {
				t.Errorf("step %d: %s is %q, want %q", i, lock.Variable, got, want)
			}
		}
	}
}

// TestPageFitsAPhone tests at every step that nothing is wider than the screen.
func TestPageFitsAPhone(t *testing.T) {
	if race.Enabled {
		t.Skip("the browser does it all: nothing can race")
	}
	_, trace := schedule(t)
	for name, trace := range map[string]Trace{"schedule": trace, "answers": counterexample(t, "MCnetnsRefineBugReturnsEarly"), "rwsem": rwsemSchedule(t)} {
		b := open(t, trace)
		b.width(360, 740)
		for i := range trace.Steps {
			out := eval[[]string](b, `[...document.querySelectorAll('body *:not(.off)')].filter(e => e.getBoundingClientRect().right > 360.5).map(e => e.tagName + '.' + e.className + ' ' + e.getBoundingClientRect().right).concat(document.documentElement.scrollWidth > 360 ? ['all: ' + document.documentElement.scrollWidth] : [])`)
			if len(out) > 0 {
				t.Fatalf("%s, step %d: beyond 360 pixels: %q", name, i, out)
			}
			b.press(kb.ArrowRight)
		}
		small := eval[[]string](b, `[...document.querySelectorAll('button')].filter(e => e.offsetWidth < 44 || e.offsetHeight < 44).map(e => e.id)`)
		if len(small) > 0 {
			t.Errorf("%s: too small for a finger: %q", name, small)
		}
	}
}

// TestPageIsAccessible tests that each text has a contrast of at least 4.5 in both colour
// schemes, and that each control has a name.
func TestPageIsAccessible(t *testing.T) {
	if race.Enabled {
		t.Skip("the browser does it all: nothing can race")
	}
	_, trace := schedule(t)
	trace.Problem = "The graphs differ."
	b := open(t, trace)
	grounds := map[string]string{}
	for _, scheme := range []string{"light", "dark"} {
		b.scheme(scheme)
		grounds[scheme] = eval[string](b, `getComputedStyle(document.body).backgroundColor`)
		b.press(kb.Home)
		for i := range trace.Steps {
			for _, faint := range eval[[]string](b, contrast) {
				t.Errorf("%s, step %d: %s", scheme, i, faint)
			}
			b.press(kb.ArrowRight)
		}
	}
	if grounds["light"] == grounds["dark"] {
		t.Errorf("light and dark have one ground, %s", grounds["light"])
	}
	nameless := eval[[]string](b, `[...document.querySelectorAll('button, input, nav, pre')].filter(e => !(e.getAttribute('aria-label') || e.textContent.trim())).map(e => e.outerHTML)`)
	if len(nameless) > 0 {
		t.Errorf("without a name: %q", nameless)
	}
}

// contrast finds texts with too little contrast to their background.
const contrast = `(() => {
  const rgb = c => c.match(/[\d.]+/g).map(Number);
  const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
  const faint = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!own || !e.offsetParent || e.closest('script, .off')) continue;
    const a = light(rgb(getComputedStyle(e).color).slice(0, 3)), z = light(behind(e));
    const ratio = (Math.max(a, z) + 0.05) / (Math.min(a, z) + 0.05);
    if (ratio < 4.5) faint.push(e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 30) + ' ' + ratio.toFixed(2));
  }
  return faint;
})()`

// TestPageWithoutJavaScript tests that the page lists the steps in words, with their changes.
func TestPageWithoutJavaScript(t *testing.T) {
	b := open(t, counterexample(t, "MCnetnsBugSubsysAtTail"))
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.do(chromedp.Reload())
	steps := b.text("#steps")
	for _, want := range []string{
		"T_1: register_pernet_operations: list_add_tail before first_device, or at the tail (subsys O_s)",
		"RegisterLink R12", "pernet_list: O_d → O_d, O_s", "✗ The invariant SubsysBeforeDevices is violated.",
	} {
		if !strings.Contains(steps, want) {
			t.Errorf("no %q in %q", want, steps)
		}
	}
	if strings.Contains(b.text("body"), "State 1 of") {
		t.Error("the bar is there, and does nothing")
	}
}
