// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"example.com/pernet/internal/hook"
)

// An Option changes how New makes a registry.
type Option func(*config)

type config struct {
	subsys, device []*Ops
	log            *slog.Logger
	noNetNS        bool
	initName       string
	slow           time.Duration
	discipline     Discipline
	grace          func()
	maxNets        int
}

// WithSubsys registers subsystems before init_net is set up, so that their inits run there in the
// given order, before those of the devices. Several options add up.
func WithSubsys(ops ...*Ops) Option {
	ops = slices.Clone(ops)
	return func(c *config) { c.subsys = append(c.subsys, ops...) }
}

// WithDevice registers devices before init_net is set up, after the subsystems. Several options
// add up.
func WithDevice(ops ...*Ops) Option {
	ops = slices.Clone(ops)
	return func(c *config) { c.device = append(c.device, ops...) }
}

// WithLogger sends what the kernel would print to log, instead of slog.Default(), which is
// also used if log is nil. At level Error the registry logs an exit or a deferred callback that
// panicked, and a net that is kept because of its use count; at level Debug, a new registry.
//
// The caller of the handler waits for it, and may hold the registry meanwhile: a handler may do what
// a callback may, and is given a context that marks it as one. It runs in a goroutine of its own: if
// it panics or ends that goroutine, the message is lost, and nothing else is. When a Close that saw the
// end returns, all messages have been handled.
func WithLogger(log *slog.Logger) Option { return func(c *config) { c.log = log } }

// WithInitName names the first net; it is "init_net" otherwise. With "" it has no name, and Lookup does not find it.
func WithInitName(name string) Option { return func(c *config) { c.initName = name } }

// WithMaxNetNamespaces sets a quota, as the sysctl max_net_namespaces has done since Linux 4.9: Copy
// returns ErrQuota, at once, while max nets count; 0 refuses every Copy, and New refuses a negative max.
// The first net does not count. Any other one does from the moment that Copy makes it until its set-up
// has failed and been undone, or its cleanup has run the exits and waited for the deferred callbacks;
// one that a use count keeps counts no more after that. Without this option there is no quota.
func WithMaxNetNamespaces(max int) Option { return func(c *config) { c.maxNets = max } }

// WithoutNetNS makes the registry of a kernel without namespaces (CONFIG_NET_NS=n):
// the only net is the first. Copy returns ErrInvalid; Share returns its argument
// and takes no reference; a register runs init on the first net and links
// nothing, so Snapshot shows no ops.
func WithoutNetNS() Option { return func(c *config) { c.noNetNS = true } }

// New makes a registry and sets up its first net with the ops that the options
// give. It blocks while their inits run and, if one fails, on the
// callbacks that inits and exits deferred.
//
// New returns ErrInvalid for a nil context, option or ops, for a discipline that is none, a negative
// quota, and ops that the registry cannot have, ErrExist for ops given twice, an
// *InitError for the init that failed, or ErrInterrupted if ctx has ended before
// any ran. Then the inits that ran have been undone, last first, and nothing of the registry is left.
//
// A registry has no goroutine while it has nothing to do. It refers to no ops that are unregistered and
// to no net that is freed, except in what exits of cleanups panicked with. Close ends it.
func New(ctx context.Context, opts ...Option) (*Registry, error) {
	c := call{op: opNew, ctx: ctx}
	r, err := c.new(opts) // [R90]
	if err == nil {
		return r, nil
	}
	c.err = err
	return nil, c.result(nil, nil, "")
}

func (c *call) new(opts []Option) (*Registry, error) {
	cfg := config{initName: "init_net", discipline: defaultDiscipline, maxNets: noQuota}
	for i, opt := range opts {
		if opt == nil {
			return nil, c.refuse(ErrInvalid, fmt.Sprintf("option %d is nil", i+1))
		}
		opt(&cfg)
	}
	switch {
	case c.ctx == nil:
		return nil, c.refuse(ErrInvalid, "the context is nil")
	case cfg.discipline != Mutex && cfg.discipline != RWSem:
		return nil, c.refuse(ErrInvalid, "the discipline is none of the two")
	case cfg.maxNets < 0:
		return nil, c.refuse(ErrInvalid, "the quota of nets is negative")
	}
	list, err := c.entries(&cfg)
	if err != nil {
		return nil, err
	}
	r := &Registry{names: make(map[string]*Net), noNetNS: cfg.noNetNS, log: cfg.log, slow: cfg.slow,
		rw: cfg.discipline == RWSem, grace: cfg.grace, maxNets: cfg.maxNets}
	if r.rw {
		r.undos = new([2]undo)
	}
	r.inside = &callbackCtx{context.Background(), r}
	r.worker = func() { r.work(-1) }
	r.initNet = newNet(r, cfg.initName)
	if cfg.initName != "" {
		r.names[cfg.initName] = r.initNet
	}
	if d := hook.From(c.ctx); d != nil {
		r.hooks = *d
		d.Work, d.Check, d.View, d.Locks = r.step, r.check, r.view, r.locks()
	}
	r.running.ticks.Store(r.watched()) // a tool that takes every interleaving needs no clock
	c.r, c.net = r, r.initNet
	r.say(c.initContext(1), slog.LevelDebug, "pernet: new registry", slog.String("net", r.initNet.name))
	if c.netNsInit(list); c.err != nil {
		return nil, c.err
	}
	return r, nil
}

// entries is the list that the options ask for: subsystems, then devices.
func (c *call) entries(cfg *config) (list []entry, err error) {
	seen := make(map[*Ops]bool)
	for i, o := range append(cfg.subsys, cfg.device...) {
		switch {
		case o == nil:
			return nil, c.refuse(ErrInvalid, fmt.Sprintf("ops %d of the options are nil", i+1))
		case seen[o]:
			return nil, c.refuse(ErrExist, fmt.Sprintf("ops %q are given twice", o.Name))
		}
		seen[o] = true
		list = append(list, entry{o, i >= len(cfg.subsys)})
	}
	return list, nil
}

// netNsInit sets up the first net over the ops of list, and lists it
// (net_ns_init) [R90]. Without namespaces the ops are registered once it is there.
func (c *call) netNsInit(list []entry) {
	r := c.r
	defer func() {
		if c.err != nil {
			c.netNsInitPanic()
		}
	}()
	if !r.noNetNS {
		r.link(list)
		for _, e := range list {
			if c.err = c.admit(e.ops); c.err != nil { // nothing is set up: c.at is 0
				return
			}
		}
	}
	if r.rw {
		c.point("NetNsInit") // [W90]
		c.net.count.Store(1)
	}
	if _, c.err = c.acquire("NetNsInitLock"); c.err != nil { // [R90]
		return
	}
	c.netNsInitLocked()
	if !r.noNetNS {
		return
	}
	for _, e := range list {
		if c.registerFirst(e); c.err != nil {
			break
		}
	}
}

// registerFirst registers an ops of the options without namespaces.
func (c *call) registerFirst(e entry) {
	reg := call{r: c.r, op: opNew, ctx: c.ctx, ops: e.ops, trouble: c.trouble}
	defer func() { c.err, c.trouble = reg.err, reg.trouble }() // also if an init ends the goroutine
	if reg.err = reg.lock("RegisterLock"); reg.err == nil {
		reg.register(e.device)
	}
}

// netNsInitLocked goes on with netMutex held, and drops it. No other call can hold it, but an init
// may look at the registry through its net.
func (c *call) netNsInitLocked() {
	defer c.netNsInitUnlock()
	c.setupNet()
	if c.err != nil && c.r.rw {
		return // unlike that of 2009 it is not listed
	}
	c.listNet("NetNsInitRtnlLock", "NetNsInitListAdd") // [R90]
}

func (c *call) netNsInitUnlock() {
	c.point("NetNsInitUnlock") // [R90] [W91]
	c.release()
}

// netNsInitPanic undoes what setupNet has not undone. The kernel panics here.
func (c *call) netNsInitPanic() {
	r := c.r
	c.point("NetNsInitPanic") // [R90]
	left := *r.entries()
	if c.at < len(r.pernetList) {
		left = nil
	}
	defer r.free(c.net)
	defer r.dismissAll()
	defer c.barrier("CleanupNetBarrier", "CleanupNetBarrierEnd")
	if r.rw && left != nil {
		c.undo(left, []*Net{c.net})
		return
	}
	c.exitsOf("CleanupNetExit", left)
}
