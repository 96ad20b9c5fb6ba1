// Command testserver is a real Temporal server in one process, for tests: its state is in a SQLite file, so that it may be killed and
// started again. It speaks on loopback alone.
//
//	testserver -port 7233 -dir DIR [-long EVENTS]
package main

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	_ "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite" // the store
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/schema/sqlite"
	"go.temporal.io/server/temporal"
)

func main() {
	port := flag.Int("port", 7233, "of the frontend; the three after it are used, too")
	dir := flag.String("dir", ".", "folder of the state")
	long := flag.Int("long", 0, "so many events make a history long: a workflow is told to go on in another; 0: as many as Temporal says")
	flag.Parse()
	if err := serve(*port, *dir, *long); err != nil {
		slog.New(slog.NewTextHandler(os.Stderr, nil)).Error("testserver", slog.String("error", err.Error()))
		os.Exit(1)
	}
}

// serve serves until the process is told to end.
func serve(port int, dir string, long int) error {
	store, err := openStore(filepath.Join(dir, "temporal.db"))
	if err != nil {
		return err
	}
	services := []primitives.ServiceName{primitives.FrontendService, primitives.HistoryService, primitives.MatchingService, primitives.WorkerService}
	hosts, rpc, names := map[primitives.ServiceName]static.Hosts{}, map[string]config.Service{}, []string{}
	for i, name := range services {
		hosts[name] = static.SingleLocalHost(fmt.Sprintf("127.0.0.1:%d", port+i))
		rpc[string(name)] = config.Service{RPC: config.RPC{GRPCPort: port + i, BindOnIP: "127.0.0.1"}}
		names = append(names, string(name))
	}
	settings := dynamicconfig.StaticClient{}
	if long > 0 {
		settings[dynamicconfig.HistoryCountSuggestContinueAsNew.Key()] = long
	}
	server, err := temporal.NewServer(
		temporal.WithConfig(configuration(store, rpc, port)),
		temporal.ForServices(names),
		temporal.WithStaticHosts(hosts),
		temporal.WithDynamicConfigClient(settings),
		temporal.WithLogger(log.NewZapLogger(log.BuildZapLogger(log.Config{Level: "error", Stdout: false, OutputFile: filepath.Join(dir, "temporal.log")}))),
		temporal.InterruptOn(temporal.InterruptCh()),
	)
	if err != nil {
		return fmt.Errorf("make the server: %w", err)
	}
	return server.Start()
}

const clusterName = "active"

// openStore makes the store, with the namespace default, where there is none.
func openStore(path string) (*config.SQL, error) {
	store := &config.SQL{
		PluginName: "sqlite", DatabaseName: path,
		ConnectAttributes: map[string]string{"mode": "rwc", "journal_mode": "wal", "synchronous": "2", "busy_timeout": "10000"},
		MaxConns:          1, MaxIdleConns: 1,
	}
	if _, err := os.Stat(path); err == nil {
		return store, nil
	}
	if err := sqlite.SetupSchema(store); err != nil {
		return nil, fmt.Errorf("make the store: %w", err)
	}
	namespace, err := sqlite.NewNamespaceConfig(clusterName, "default", false, nil)
	if err != nil {
		return nil, fmt.Errorf("make the namespace: %w", err)
	}
	return store, sqlite.CreateNamespaces(store, namespace)
}

// configuration is all that a server of one process needs.
func configuration(store *config.SQL, services map[string]config.Service, port int) *config.Config {
	return &config.Config{
		Persistence: config.Persistence{
			DefaultStore: "sqlite", VisibilityStore: "sqlite", NumHistoryShards: 1,
			DataStores: map[string]config.DataStore{"sqlite": {SQL: store}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10, MasterClusterName: clusterName, CurrentClusterName: clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{clusterName: {
				Enabled: true, InitialFailoverVersion: 1, RPCAddress: fmt.Sprintf("127.0.0.1:%d", port),
			}},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services:            services,
		Archival: config.Archival{
			History: config.HistoryArchival{State: "disabled"}, Visibility: config.VisibilityArchival{State: "disabled"},
		},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History: config.HistoryArchivalNamespaceDefaults{State: "disabled"}, Visibility: config.VisibilityArchivalNamespaceDefaults{State: "disabled"},
		}},
		PublicClient: config.PublicClient{HostPort: fmt.Sprintf("127.0.0.1:%d", port)},
	}
}
