package temporal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/spf13/pflag"
	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/grpc/codes"

	"waybill/engine/cli"
)

// answersWithin is how long Temporal may take to answer before it counts as away.
const answersWithin = 10 * time.Second

// askAgainAfter is the pause before Temporal is asked again that did not answer.
const askAgainAfter = 2 * time.Second

// Engine is Temporal as the command line knows it. The zero value is ready.
type Engine struct {
	address, namespace string // as flags name them; empty: as the environment does
}

// Name is the word for --engine.
func (*Engine) Name() string { return "temporal" }

// Bind adds the flags that say where it is.
func (e *Engine) Bind(flags *pflag.FlagSet) {
	flags.StringVar(&e.address, "temporal", "", "`HOST:PORT` of Temporal (default TEMPORAL_ADDRESS, else "+client.DefaultHostPort+"; TEMPORAL_API_KEY, TEMPORAL_TLS… and its configuration file count too)")
	flags.StringVar(&e.namespace, "namespace", "", "Temporal's `NAMESPACE` (default TEMPORAL_NAMESPACE, else "+client.DefaultNamespace+")")
}

// lookup is the environment as envconfig asks for it.
type lookup func(string) (string, bool)

// LookupEnv looks one up.
func (l lookup) LookupEnv(name string) (string, bool) { return l(name) }

// Environ lists none: it would only be asked for headers of requests, TEMPORAL_GRPC_META_….
func (lookup) Environ() []string { return nil }

// Connect reaches Temporal.
func (e *Engine) Connect(ctx context.Context, env cli.EngineEnv) (cli.EngineConnection, error) {
	profile, err := envconfig.LoadClientConfigProfile(envconfig.LoadClientConfigProfileOptions{EnvLookup: lookup(env.LookupEnv)})
	if err != nil {
		return nil, wrong(err)
	}
	options, err := profile.ToClientOptions(envconfig.ToClientOptionsRequest{})
	if err != nil {
		return nil, wrong(err)
	}
	options.HostPort = cmp.Or(e.address, options.HostPort, client.DefaultHostPort)
	options.Namespace = cmp.Or(e.namespace, options.Namespace, client.DefaultNamespace)
	if _, _, err := hostPort(options.HostPort); err != nil {
		return nil, wrong(fmt.Errorf("%q is no HOST:PORT", options.HostPort))
	}
	options.Logger = log.NewStructuredLogger(slog.New(lower{env.Log.Handler()}))
	dialing, cancel := context.WithTimeout(ctx, answersWithin)
	defer cancel()
	c, err := client.DialContext(dialing, options)
	if err != nil {
		return nil, unreached(dialing, options, err)
	}
	_, err = c.WorkflowService().DescribeNamespace(dialing, &workflowservice.DescribeNamespaceRequest{Namespace: options.Namespace})
	if _, old := errors.AsType[*serviceerror.Unimplemented](err); err != nil && !old {
		c.Close()
		return nil, unreached(dialing, options, err)
	}
	return &connection{client: c, options: options, log: env.Log}, nil
}

// hostPort takes an address apart, which may also say as gRPC does that its host is to be looked up.
func hostPort(address string) (host, port string, err error) {
	return net.SplitHostPort(strings.TrimPrefix(address, "dns:///"))
}

// wrong says that what says where Temporal is cannot be used.
func wrong(err error) error {
	return &cli.ExitError{Code: cli.ExitInvalid, Err: fmt.Errorf("where Temporal is: %w", err), Hint: "TEMPORAL_… variables and Temporal's configuration file say it, or --temporal HOST:PORT"}
}

// unreached says why Temporal cannot be used, and what to look at.
//
//nolint:staticcheck // a name begins these errors
func unreached(ctx context.Context, o client.Options, err error) error {
	if _, none := errors.AsType[*serviceerror.NamespaceNotFound](err); none {
		return fmt.Errorf("Temporal at %s has no namespace %q: --namespace or TEMPORAL_NAMESPACE names another, temporal operator namespace create makes it", o.HostPort, o.Namespace)
	}
	if code := serviceerror.ToStatus(err).Code(); code == codes.Unauthenticated || code == codes.PermissionDenied {
		return fmt.Errorf("Temporal at %s refuses this process in namespace %q: %w; TEMPORAL_API_KEY or TEMPORAL_TLS_CLIENT_CERT_PATH says who it is", o.HostPort, o.Namespace, err)
	}
	tls := "without TLS; TEMPORAL_TLS=true asks with it"
	if o.ConnectionOptions.TLS != nil {
		tls = "with TLS; TEMPORAL_TLS=false asks without, where no API key is given"
	}
	host, _, _ := hostPort(o.HostPort)
	if _, unknown := net.DefaultResolver.LookupHost(ctx, host); unknown != nil { // of which the SDK's error says nothing
		err = fmt.Errorf("%w; %w", unknown, err)
	}
	return fmt.Errorf("Temporal does not answer at %s: %w (asked %s)", o.HostPort, err, tls)
}

// workflowID is what a run is called in Temporal.
func workflowID(run string) string { return "waybill/run/" + run }

// queue is where the workers of a job in a ledger look for work: no worker gets what it has no rows for.
func queue(ledger, job string) string { return "waybill/" + ledger + "/" + job }

// Drive starts the workflow of a run, or finds the one that runs.
func (c *connection) Drive(ctx context.Context, run cli.DrivenRun) (cli.Driven, error) {
	id := workflowID(run.ID)
	starting, cancel := context.WithTimeout(ctx, answersWithin)
	defer cancel()
	handle, err := c.client.ExecuteWorkflow(starting, client.StartWorkflowOptions{
		ID: id, TaskQueue: queue(run.Ledger, run.Job),
		WorkflowIDReusePolicy:                    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE, // one that ended may be taken up again: the ledger knows what is left
		WorkflowIDConflictPolicy:                 enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
	}, runWorkflow, run.ID)
	if _, runs := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); runs {
		handle, err = c.client.GetWorkflow(ctx, id, ""), nil
	}
	if err != nil {
		return cli.Driven{}, err
	}
	return cli.Driven{Name: "workflow " + id, Wait: func(ctx context.Context) error {
		defer c.watched(ctx)()
		return wait(ctx, handle)
	}}, nil
}

// wait returns when a workflow has ended. While Temporal is away it asks again: the SDK gives up after a minute, and what is under way goes on.
func wait(ctx context.Context, handle client.WorkflowRun) error {
	for {
		err := handle.Get(ctx, nil)
		if ctx.Err() != nil {
			return ctx.Err() // which the SDK's error does not wrap
		}
		if _, cancelled := errors.AsType[*temporal.CanceledError](err); cancelled {
			return nil // it had the ledger stop the run
		}
		if err == nil || !away(err) {
			return err
		}
		pause := time.NewTimer(askAgainAfter)
		select {
		case <-ctx.Done():
		case <-pause.C:
		}
		pause.Stop()
	}
}

// away says whether an error is that Temporal was not there, or not able to answer, rather than its answer.
func away(err error) bool {
	switch serviceerror.ToStatus(err).Code() {
	case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Aborted, codes.Internal:
		return true
	default:
		return false
	}
}
