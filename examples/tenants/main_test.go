// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"example.com/pernet/impl"
)

// start runs a server of at most 8 tenants, which calls deliver, behind HTTP.
func start(t *testing.T, deliver func(tenant, letter string)) (*server, *client) {
	t.Helper()
	s, err := newServer(context.Background(), 8, deliver)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	return s, &client{t, web}
}

type client struct {
	t   *testing.T
	web *httptest.Server
}

// do makes a request, and returns the status and the text of the answer.
func (c *client) do(method, path, body string) (int, string) {
	r, err := http.NewRequest(method, c.web.URL+path, strings.NewReader(body))
	if err != nil {
		c.t.Error(err)
		return 0, ""
	}
	w, err := c.web.Client().Do(r)
	if err != nil {
		c.t.Error(err)
		return 0, ""
	}
	defer func() { _ = w.Body.Close() }()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		c.t.Error(err)
	}
	return w.StatusCode, string(text)
}

// want makes a request that must be answered with status.
func (c *client) want(status int, method, path, body string) string {
	c.t.Helper()
	got, text := c.do(method, path, body)
	if got != status {
		c.t.Fatalf("%s %s: status %d, want %d: %s", method, path, got, status, text)
	}
	return text
}

func (s *server) closeSoon(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.close(ctx); err != nil {
		t.Error(err)
	}
}

func TestPagesOfATenant(t *testing.T) {
	s, c := start(t, func(string, string) {})
	c.want(404, "GET", "/tenants/blue", "")
	c.want(204, "PUT", "/tenants/blue", "")
	c.want(409, "PUT", "/tenants/blue", "")
	c.want(204, "POST", "/tenants/blue/mail", "hello")
	if got := c.want(200, "GET", "/tenants/blue", ""); got != `{"Tenant":"blue","Letters":1,"Newest":"hello"}`+"\n" {
		t.Error(got)
	}
	c.want(204, "DELETE", "/parts/newest", "")
	c.want(404, "DELETE", "/parts/newest", "")
	c.want(204, "POST", "/tenants/blue/mail", "again")
	if got := c.want(200, "GET", "/tenants/blue", ""); got != `{"Tenant":"blue","Letters":2}`+"\n" {
		t.Error(got)
	}
	c.want(204, "PUT", "/parts/newest", "")
	c.want(409, "PUT", "/parts/newest", "")
	c.want(400, "POST", "/tenants/blue/mail", strings.Repeat("x", 2000))
	c.want(404, "GET", "/tenants/init_net", "")
	for i := range 7 {
		c.want(204, "PUT", fmt.Sprintf("/tenants/t%d", i), "")
	}
	c.want(429, "PUT", "/tenants/one_too_many", "")
	s.closeSoon(t)
	c.want(503, "PUT", "/tenants/green", "")
}

// TestARequestKeepsItsTenantWhole deletes a tenant while a request on it waits for the rest of its letter.
func TestARequestKeepsItsTenantWhole(t *testing.T) {
	letters := make(chan string, 1)
	s, c := start(t, func(_, letter string) { letters <- letter })
	c.want(204, "PUT", "/tenants/blue", "")
	body, pen := io.Pipe()
	w, sent := httptest.NewRecorder(), make(chan bool)
	go func() {
		defer close(sent)
		s.ServeHTTP(w, httptest.NewRequest("POST", "/tenants/blue/mail", body))
	}()
	_, _ = io.WriteString(pen, "hel") // returns when the request has read it
	c.want(204, "DELETE", "/tenants/blue", "")
	c.want(404, "GET", "/tenants/blue", "")
	_, _ = io.WriteString(pen, "lo")
	_ = pen.Close()
	if <-sent; w.Code != 204 {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	if letter := <-letters; letter != "hello" {
		t.Errorf("letter %q", letter)
	}
	s.closeSoon(t)
}

// TestOneOfTwoDeletesPutsTheReference lets both requests find the tenant first.
func TestOneOfTwoDeletesPutsTheReference(t *testing.T) {
	s, c := start(t, func(string, string) {})
	c.want(204, "PUT", "/tenants/blue", "")
	blue, err := s.nets.Lookup("blue")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{204, 404} {
		w := httptest.NewRecorder()
		if s.remove(w, nil, blue); w.Code != want {
			t.Errorf("status %d, want %d", w.Code, want)
		}
	}
	if err := blue.Put(); err != nil {
		t.Error(err)
	}
	s.closeSoon(t)
}

// TestADeletedTenantIsNotFoundWhileItsExitRuns also tests that meanwhile other tenants come and go.
func TestADeletedTenantIsNotFoundWhileItsExitRuns(t *testing.T) {
	busy, goOn := make(chan bool, 20), make(chan bool)
	s, c := start(t, func(tenant, _ string) {
		if tenant == "slow" {
			busy <- true
			<-goOn
		}
	})
	c.want(204, "PUT", "/tenants/slow", "")
	c.want(204, "POST", "/tenants/slow/mail", "letter")
	<-busy
	for range 16 {
		c.want(204, "POST", "/tenants/slow/mail", "letter")
	}
	c.want(429, "POST", "/tenants/slow/mail", "one too many")
	c.want(204, "DELETE", "/tenants/slow", "")
	for !exits(s, "slow") {
		time.Sleep(time.Millisecond)
	}
	c.want(404, "GET", "/tenants/slow", "")
	c.want(404, "DELETE", "/tenants/slow", "")
	c.want(409, "PUT", "/tenants/slow", "") // the name is in use until the exits have run
	c.want(204, "PUT", "/tenants/quick", "")
	c.want(200, "GET", "/tenants/quick", "")

	soon, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	err := s.close(soon)
	if !errors.Is(err, impl.ErrInterrupted) || !strings.Contains(err.Error(), `exit of "mailbox" on net "slow"`) {
		t.Errorf("Close at its deadline: %v", err)
	}
	close(goOn)
	s.closeSoon(t)
	if got := s.billed.Load(); got != 17 {
		t.Errorf("billed %d letters", got)
	}
}

// exits reports whether an exit runs on the tenant.
func exits(s *server, tenant string) bool {
	for _, cb := range s.nets.Running() {
		if cb.Kind == "exit" && cb.Net.Name() == tenant {
			return true
		}
	}
	return false
}

// TestTenantsUnderLoad makes, uses and deletes tenants in many goroutines while a part is unplugged and
// plugged in again. Each letter that was accepted is delivered and billed once, no request meets a tenant
// that is half made, and nothing is left.
func TestTenantsUnderLoad(t *testing.T) {
	var delivered, accepted, deleted atomic.Int64
	s, c := start(t, func(string, string) { delivered.Add(1) })
	c.web.Client().Transport.(*http.Transport).MaxIdleConnsPerHost = 16
	stop := time.Now().Add(time.Second)
	var all sync.WaitGroup
	load := func(f func(tenant string)) {
		all.Go(func() {
			for time.Now().Before(stop) {
				f(fmt.Sprintf("/tenants/t%d", rand.IntN(8)))
			}
		})
	}
	do := func(method, path, body string, want ...int) (status int, text string) {
		if status, text = c.do(method, path, body); !slices.Contains(want, status) {
			t.Errorf("%s %s: status %d: %s", method, path, status, text)
		}
		return status, text
	}
	for range 3 {
		load(func(tenant string) { do("PUT", tenant, "", 204, 409) })
		load(func(tenant string) {
			if status, _ := do("POST", tenant+"/mail", "letter", 204, 404, 429); status == 204 {
				accepted.Add(1)
			}
		})
		load(func(tenant string) {
			if status, _ := do("DELETE", tenant, "", 204, 404); status == 204 {
				deleted.Add(1)
			}
		})
		load(func(tenant string) {
			if status, text := do("GET", tenant, "", 200, 404); status == 200 && !json.Valid([]byte(text)) {
				t.Errorf("page %s", text)
			}
		})
	}
	load(func(string) {
		do("DELETE", "/parts/newest", "", 204)
		do("PUT", "/parts/newest", "", 204)
	})
	all.Wait()
	c.web.Close()
	s.closeSoon(t)
	if a, d, b := accepted.Load(), delivered.Load(), s.billed.Load(); a == 0 || a != d || a != b {
		t.Errorf("%d letters accepted, %d delivered, %d billed", a, d, b)
	}
	if deleted.Load() == 0 {
		t.Error("no tenant was deleted")
	}
	goleak.VerifyNone(t)
	t.Logf("%d letters, %d tenants deleted", accepted.Load(), deleted.Load())
}
