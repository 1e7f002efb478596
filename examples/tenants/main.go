// SPDX-License-Identifier: MIT

// Command tenants is a web server that keeps a net for each tenant. Its parts keep what they have of a
// tenant in slots; none has a table of tenants. One part can be unplugged while the server runs.
//
//	curl -X PUT    localhost:8080/tenants/blue             # make a tenant, of at most 1,000
//	curl -d hello  localhost:8080/tenants/blue/mail        # send it a letter
//	curl           localhost:8080/tenants/blue             # its bill, and its newest letter
//	curl -X DELETE localhost:8080/tenants/blue
//	curl -X DELETE localhost:8080/parts/newest             # unplug; PUT plugs it in again
package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"time"

	"example.com/pernet/impl"
)

type server struct {
	http.ServeMux
	nets    *impl.Registry
	account *impl.Slot[*account]
	mailbox *impl.Slot[*mailbox]
	newest  *impl.Slot[*newest]
	deliver func(tenant, letter string)
	billed  atomic.Int64 // letters of the tenants that are gone
}

// An account says whether the tenant is deleted, and counts its letters.
type account struct {
	deleted atomic.Bool
	letters atomic.Int64
}

// A mailbox is a queue with a goroutine that delivers the letters.
type mailbox struct {
	letters chan string
	done    chan struct{} // closed when the goroutine has ended
}

type newest struct{ letter atomic.Pointer[string] }

// newServer makes a server that has at most max tenants.
func newServer(ctx context.Context, max int, deliver func(tenant, letter string)) (s *server, err error) {
	s = &server{deliver: deliver}
	s.account = impl.NewSlot("account", func(context.Context, *impl.Net) (*account, error) {
		return new(account), nil
	}, func(_ context.Context, _ *impl.Net, a *account) {
		s.billed.Add(a.letters.Load())
	})
	s.mailbox = impl.NewSlot("mailbox", s.openMailbox, func(_ context.Context, _ *impl.Net, m *mailbox) {
		close(m.letters)
		<-m.done
	})
	s.newest = impl.NewSlot("newest", func(context.Context, *impl.Net) (*newest, error) {
		return new(newest), nil
	}, nil)
	// RWSem: tenants come and go side by side. The first net is no tenant: without a name no request finds it.
	s.nets, err = impl.New(ctx, impl.WithDiscipline(impl.RWSem), impl.WithInitName(""), impl.WithMaxNetNamespaces(max),
		impl.WithSubsys(s.account.Ops(), s.mailbox.Ops(), s.newest.Ops()))
	s.HandleFunc("PUT /tenants/{name}", s.create)
	s.HandleFunc("DELETE /tenants/{name}", s.tenant(s.remove))
	s.HandleFunc("GET /tenants/{name}", s.tenant(s.show))
	s.HandleFunc("POST /tenants/{name}/mail", s.tenant(s.mail))
	s.HandleFunc("PUT /parts/newest", s.part(s.nets.RegisterSubsys))
	s.HandleFunc("DELETE /parts/newest", s.part(s.nets.UnregisterSubsys))
	return s, err
}

func (s *server) openMailbox(_ context.Context, n *impl.Net) (*mailbox, error) {
	m := &mailbox{letters: make(chan string, 16), done: make(chan struct{})}
	go func() {
		defer close(m.done)
		for letter := range m.letters {
			s.deliver(n.Name(), letter)
		}
	}()
	return m, nil
}

// create makes a tenant. Its one reference belongs to remove.
func (s *server) create(w http.ResponseWriter, r *http.Request) {
	_, err := s.nets.Copy(r.Context(), s.nets.InitNet(), r.PathValue("name"))
	answer(w, err)
}

// tenant finds the tenant of a request, and keeps a reference on it until f returns: until then all its
// parts are there. A tenant that is deleted is not found, even while other requests keep it.
func (s *server) tenant(f func(http.ResponseWriter, *http.Request, *impl.Net)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n, err := s.nets.Lookup(r.PathValue("name"))
		if err != nil {
			answer(w, err)
			return
		}
		defer n.Put()
		if s.account.Get(n).deleted.Load() {
			answer(w, impl.ErrNotFound)
			return
		}
		f(w, r, n)
	}
}

// remove returns at once. The exits run when the last request has put its reference.
func (s *server) remove(w http.ResponseWriter, _ *http.Request, n *impl.Net) {
	if s.account.Get(n).deleted.Swap(true) { // by another request: it has put the reference of create
		answer(w, impl.ErrNotFound)
		return
	}
	answer(w, n.Put())
}

// mail sends a letter. The newest letter is kept if that part is plugged in; Use knows.
func (s *server) mail(w http.ResponseWriter, r *http.Request, n *impl.Net) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<10))
	letter := string(text)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	select {
	case s.mailbox.Get(n).letters <- letter:
		s.account.Get(n).letters.Add(1)
		s.newest.Use(n, func(v *newest) { v.letter.Store(&letter) })
		answer(w, nil)
	default:
		http.Error(w, "the mailbox is full", http.StatusTooManyRequests)
	}
}

func (s *server) show(w http.ResponseWriter, _ *http.Request, n *impl.Net) {
	page := struct {
		Tenant  string
		Letters int64
		Newest  *string `json:",omitempty"`
	}{Tenant: n.Name(), Letters: s.account.Get(n).letters.Load()}
	s.newest.Use(n, func(v *newest) { page.Newest = v.letter.Load() })
	_ = json.NewEncoder(w).Encode(page)
}

// part is a request that plugs the newest letters in, or unplugs them. Other requests go on meanwhile.
func (s *server) part(plug func(context.Context, *impl.Ops) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { answer(w, plug(r.Context(), s.newest.Ops())) }
}

func answer(w http.ResponseWriter, err error) {
	switch {
	case err == nil:
		w.WriteHeader(http.StatusNoContent)
	case errors.Is(err, impl.ErrNotFound):
		http.Error(w, "not found", http.StatusNotFound)
	case errors.Is(err, impl.ErrExist):
		http.Error(w, "there is one", http.StatusConflict)
	case errors.Is(err, impl.ErrQuota):
		http.Error(w, "too many tenants", http.StatusTooManyRequests)
	case errors.Is(err, impl.ErrClosed), errors.Is(err, impl.ErrInterrupted):
		http.Error(w, "closing, or too slow", http.StatusServiceUnavailable)
	default:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// close deletes all tenants and closes the registry. No request may run any more. Tenants that are
// deleted may be in their exits, so it looks at the accounts with Use.
func (s *server) close(ctx context.Context) error {
	for n := range s.nets.Nets() {
		s.account.Use(n, func(a *account) {
			if n != s.nets.InitNet() && !a.deleted.Swap(true) {
				_ = n.Put()
			}
		})
	}
	return s.nets.Close(ctx)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	s, err := newServer(ctx, 1000, func(tenant, letter string) { log.Printf("letter for %s: %s", tenant, letter) })
	if err != nil {
		log.Fatal(err)
	}
	web := &http.Server{Addr: "localhost:8080", Handler: s}
	served := make(chan error, 1)
	go func() { served <- web.ListenAndServe(); stop() }()
	<-ctx.Done()
	deadline, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err = web.Shutdown(deadline); err == nil { // the requests have returned
		err = s.close(deadline)
	}
	if failed := <-served; !errors.Is(failed, http.ErrServerClosed) {
		err = failed
	}
	if err != nil {
		log.Fatal(err)
	}
}
