// SPDX-License-Identifier: MIT

package page

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// A browser is the page of a trace in a headless Chromium. It records the requests of the
// page and the exceptions of its script.
type browser struct {
	*testing.T
	ctx context.Context

	mu     sync.Mutex
	loaded []string
	thrown []string
}

var chromiums = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

func findChromium(t *testing.T) string {
	t.Helper()
	for _, name := range chromiums {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skipf("no Chromium on PATH (looked for %s): nothing clicks through the page here", strings.Join(chromiums, ", "))
	return ""
}

// open shows the page of a trace.
func open(t *testing.T, trace Trace) *browser {
	t.Helper()
	path := findChromium(t)
	var html bytes.Buffer
	if err := Write(&html, trace); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, html.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	opts := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1300, 1000)}
	for _, flag := range []string{
		"headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run",
		"disable-background-networking", "disable-component-update", "disable-sync", "disable-dev-shm-usage",
	} {
		opts = append(opts, chromedp.Flag(flag, true))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &browser{T: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.note); err != nil {
		t.Fatal(err)
	}
	call(b, network.Enable, network.EnableParams{})
	b.do(chromedp.Navigate("file://" + file))
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, url := range b.loaded {
			if !strings.HasPrefix(url, "file://"+file) && !strings.HasPrefix(url, "data:") {
				t.Errorf("the page loads %s", url)
			}
		}
		for _, e := range b.thrown {
			t.Errorf("the page's script throws: %s", e)
		}
	})
	return b
}

func (b *browser) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.loaded = append(b.loaded, e.Request.URL)
	case *runtime.EventExceptionThrown:
		b.thrown = append(b.thrown, e.ExceptionDetails.Text)
	}
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.Fatal(err)
	}
}

func get[T any](b *browser, action chromedp.Action[T]) T {
	b.Helper()
	v, err := chromedp.Run(b.ctx, action)
	if err != nil {
		b.Fatal(err)
	}
	return v
}

func call[P, R any](b *browser, cmd cdp.Command[P, R], params P) {
	b.Helper()
	if _, err := chromedp.Call(b.ctx, cmd, params); err != nil {
		b.Fatal(err)
	}
}

func (b *browser) click(selector string) {
	b.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

func (b *browser) press(keys string) {
	b.Helper()
	b.do(chromedp.KeyEvent(keys))
}

// text returns the visible text of an element, with single blanks.
func (b *browser) text(selector string) string {
	b.Helper()
	return strings.Join(strings.Fields(get(b, chromedp.Text(chromedp.CSS(selector)))), " ")
}

// eval evaluates JavaScript in the page.
func eval[T any](b *browser, js string) T {
	b.Helper()
	return get(b, chromedp.Evaluate[T](js))
}

// at checks which step the page shows: in its bar, its heading, its list of steps and its address.
func (b *browser) at(n, of string) {
	b.Helper()
	if got := b.text("#where"); !strings.HasSuffix(got, " "+n+" of "+of) {
		b.Errorf("the bar says %q, want %s of %s", got, n, of)
	}
	if got := b.text("#now h2"); !strings.HasPrefix(got, n+". ") {
		b.Errorf("the heading is %q, want step %s", got, n)
	}
	if got := eval[string](b, `[...document.querySelectorAll('#steps [aria-current]')].map(e => e.value).join()`); got != n {
		b.Errorf("marked in the list: %q, want %s", got, n)
	}
	if got := eval[string](b, `location.hash + ' ' + document.getElementById('slider').value`); !strings.HasPrefix(got, "#"+n+" ") {
		b.Errorf("address and slider %q, want %s", got, n)
	}
}

// scheme and width set what the browser says of its screen.
func (b *browser) scheme(name string) {
	b.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
}

func (b *browser) width(w, h int64) {
	b.Helper()
	b.do(chromedp.EmulateViewport(w, h))
}
