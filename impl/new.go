// SPDX-License-Identifier: MIT

package impl

import (
	"context"
	"log/slog"

	"example.com/pernet/internal/door"
)

// An Option changes how New makes a registry.
type Option func(*config)

type config struct {
	subsys, device []*Ops
	log            *slog.Logger
	noNetNS        bool
	initName       string
}

// WithSubsys registers subsystems before init_net is set up, so that their inits
// run there in the given order, before those of the devices. Given twice, it adds.
func WithSubsys(ops ...*Ops) Option {
	return func(c *config) { c.subsys = append(c.subsys, ops...) }
}

// WithDevice registers devices before init_net is set up, after the subsystems. Given twice, it adds.
func WithDevice(ops ...*Ops) Option {
	return func(c *config) { c.device = append(c.device, ops...) }
}

// WithLogger sends what the kernel would print to log, instead of slog.Default().
func WithLogger(log *slog.Logger) Option { return func(c *config) { c.log = log } }

// WithInitName names the first net; it is "init_net" otherwise.
func WithInitName(name string) Option { return func(c *config) { c.initName = name } }

// WithoutNetNS makes the registry of a kernel without namespaces (CONFIG_NET_NS=n):
// the only net is the first. Copy answers ErrInvalid; Share returns its argument
// and takes no reference; a register runs init on the first net and links
// nothing, so Snapshot shows no ops.
func WithoutNetNS() Option { return func(c *config) { c.noNetNS = true } }

// New makes a registry and sets up its first net with the ops that the options
// give [R90]. It blocks while their inits run and, if one fails, on the
// callbacks that inits and exits deferred.
//
// New returns ErrInvalid for nil ops, ErrExist for ops given twice, an
// *InitError for the init that failed, or ErrInterrupted if ctx has ended before
// any ran. Then the inits that ran have been undone, last first, and nothing of the registry is left.
//
// A registry has no goroutine while it has nothing to do. Close ends it.
func New(ctx context.Context, opts ...Option) (*Registry, error) {
	cfg := config{initName: "init_net"}
	for _, opt := range opts {
		opt(&cfg)
	}
	if ctx == nil {
		return nil, ErrInvalid
	}
	list, err := cfg.entries()
	if err != nil {
		return nil, err
	}
	r := &Registry{names: make(map[string]*Net), noNetNS: cfg.noNetNS, log: cfg.log}
	r.inside = &callbackCtx{context.Background(), r}
	r.worker = func() { r.work(-1) }
	r.initNet = newNet(r, cfg.initName)
	if cfg.initName != "" {
		r.names[cfg.initName] = r.initNet
	}
	if d := door.From(ctx); d != nil {
		r.door = *d
		d.Work, d.Check, d.View, d.Held = r.step, r.check, r.view, r.held
	}
	r.logger().Debug("pernet: new registry", "net", r.initNet.name)
	if err := r.netNsInit(ctx, list); err != nil {
		return nil, err
	}
	return r, nil
}

// entries is the list that the options ask for: subsystems, then devices.
func (cfg *config) entries() (list []entry, err error) {
	seen := make(map[*Ops]bool)
	for i, o := range append(cfg.subsys, cfg.device...) {
		switch {
		case o == nil:
			return nil, ErrInvalid
		case seen[o]:
			return nil, ErrExist
		}
		seen[o] = true
		list = append(list, entry{o, i >= len(cfg.subsys)})
	}
	return list, nil
}

// netNsInit sets up the first net over the ops of list, and lists it
// (net_ns_init) [R90]. Without namespaces the ops are registered once it is there.
func (r *Registry) netNsInit(ctx context.Context, list []entry) (err error) {
	c := call{r: r, ctx: ctx, net: r.initNet}
	defer func() {
		if c.err != nil {
			c.netNsInitPanic()
			err = c.result()
		}
	}()
	if !r.noNetNS {
		r.link(list)
	}
	c.pointLock("NetNsInitLock") // [R90]
	if c.err = r.netMutex.lock(ctx); c.err != nil {
		return nil
	}
	c.netNsInitLocked()
	if !r.noNetNS {
		return nil
	}
	for _, e := range list {
		c.err = errGoexit // unless register returns
		if c.err = r.register(ctx, e.ops, e.device); c.err != nil {
			break
		}
	}
	return nil
}

// netNsInitLocked goes on with netMutex held, and lets go of it. Nobody else can
// have it, but an init may look at the registry through its net.
func (c *call) netNsInitLocked() {
	defer c.netNsInitUnlock()
	c.setupNet()
	c.listNet("NetNsInitRtnlLock", "NetNsInitListAdd") // [R90]
}

func (c *call) netNsInitUnlock() {
	c.point("NetNsInitUnlock") // [R90]
	c.r.netMutex.unlock()
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
	defer c.barrier("CleanupNetBarrier", "CleanupNetBarrierEnd")
	c.exitsOf("CleanupNetExit", left)
}
