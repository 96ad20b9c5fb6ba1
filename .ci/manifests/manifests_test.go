package manifests

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/rhysd/actionlint"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

// written is the folder into which the program wrote the files of all platforms, and program is its path.
var written, program string

const root = "../.."

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "waybill-manifests-")
	if err != nil {
		panic(err)
	}
	program, written = filepath.Join(dir, "waybill"), filepath.Join(dir, "written")
	run(root, "go", "build", "-o", program, ".")
	run(dir, program, "init", written, "--from", "clinic/waybill@v1.0.0", "--with", "github,gitlab,systemd,kubernetes,compose,prometheus")
	status := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(status)
}

func run(dir, name string, args ...string) {
	c := exec.Command(name, args...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%s %v: %v\n%s", name, args, err, out))
	}
}

// lint holds workflows to actionlint, in the project that they are of.
func lint(t *testing.T, project string, workflows ...string) {
	t.Helper()
	var out bytes.Buffer
	linter, err := actionlint.NewLinter(&out, &actionlint.LinterOptions{WorkingDir: project})
	if err != nil {
		t.Fatal(err)
	}
	of, err := actionlint.NewProject(project)
	if err != nil {
		t.Fatal(err)
	}
	found, err := linter.LintFiles(workflows, of)
	if err != nil || len(found) > 0 {
		t.Errorf("actionlint: %v\n%s", err, out.String())
	}
}

func TestGitHub(t *testing.T) {
	lint(t, written, filepath.Join(written, ".github/workflows/waybill.yml"))
	project, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := filepath.Glob(filepath.Join(project, ".github/workflows/*.yml"))
	if err != nil || len(ours) < 1 {
		t.Fatalf("%v %v", ours, err)
	}
	lint(t, project, ours...)
}

// kinds are the manifests that there may be.
func kinds() map[string]func() any {
	return map[string]func() any{
		"v1 Secret": func() any { return new(corev1.Secret) }, "v1 Service": func() any { return new(corev1.Service) },
		"v1 PersistentVolumeClaim": func() any { return new(corev1.PersistentVolumeClaim) },
		"apps/v1 Deployment":       func() any { return new(appsv1.Deployment) },
		"batch/v1 Job":             func() any { return new(batchv1.Job) }, "batch/v1 CronJob": func() any { return new(batchv1.CronJob) },
		"policy/v1 PodDisruptionBudget": func() any { return new(policyv1.PodDisruptionBudget) },
	}
}

func TestKubernetes(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(written, "deploy/kubernetes/*.yaml"))
	if err != nil || len(paths) < 5 {
		t.Fatalf("%v %v", paths, err)
	}
	found := map[string]bool{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, document := range strings.Split(string(text), "\n---\n") {
			var is struct{ APIVersion, Kind string }
			if err := yaml.Unmarshal([]byte(document), &is); err != nil {
				t.Fatal(err)
			}
			kind := is.APIVersion + " " + is.Kind
			found[kind] = true
			empty, known := kinds()[kind]
			if !known {
				t.Errorf("%s: %q is no kind that is known here", path, kind)
				continue
			}
			into := empty()
			if err := yaml.UnmarshalStrict([]byte(document), into); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			for _, wrong := range pods(into) {
				t.Errorf("%s: %s", path, wrong)
			}
		}
	}
	for kind := range kinds() {
		if !found[kind] {
			t.Errorf("no manifest is a %s", kind)
		}
	}
}

// pods says what is wrong with what a manifest runs, beyond its fields.
func pods(manifest any) (wrong []string) {
	switch m := manifest.(type) {
	case *appsv1.Deployment:
		wrong = pod(m.Spec.Template.Spec)
		for name, value := range m.Spec.Selector.MatchLabels {
			if m.Spec.Template.Labels[name] != value {
				wrong = append(wrong, "the selector does not find its pods by "+name)
			}
		}
	case *batchv1.Job:
		wrong = append(pod(m.Spec.Template.Spec), again(m.Spec)...)
	case *batchv1.CronJob:
		wrong = append(pod(m.Spec.JobTemplate.Spec.Template.Spec), again(m.Spec.JobTemplate.Spec)...)
		if m.Spec.ConcurrencyPolicy != batchv1.ForbidConcurrent {
			wrong = append(wrong, "two of it may run at once")
		}
	}
	return wrong
}

func pod(spec corev1.PodSpec) (wrong []string) {
	volumes := map[string]bool{}
	for _, v := range spec.Volumes {
		volumes[v.Name] = true
	}
	for _, c := range spec.Containers {
		if line := strings.Join(c.Args, " "); !strings.Contains(line, "--existing-ledger") && line != "ledger new" {
			wrong = append(wrong, line+" begins a ledger by itself")
		}
		for _, m := range c.VolumeMounts {
			if !volumes[m.Name] {
				wrong = append(wrong, "there is no volume "+m.Name)
			}
		}
	}
	return wrong
}

// again says whether a job tries again what ended with 3, 4 or 5.
func again(spec batchv1.JobSpec) []string {
	if *cmpOr(spec.BackoffLimit, spec.BackoffLimitPerIndex) == 0 {
		return nil
	}
	if spec.PodFailurePolicy == nil || len(spec.PodFailurePolicy.Rules) == 0 {
		return []string{"it tries again whatever it ended with"}
	}
	first := spec.PodFailurePolicy.Rules[0]
	want := batchv1.PodFailurePolicyActionFailJob
	if spec.CompletionMode != nil && *spec.CompletionMode == batchv1.IndexedCompletion {
		want = batchv1.PodFailurePolicyActionFailIndex
	}
	if first.Action != want || first.OnExitCodes == nil || fmt.Sprint(first.OnExitCodes.Values) != "[3 4 5]" ||
		first.OnExitCodes.Operator != batchv1.PodFailurePolicyOnExitCodesOpIn || *first.OnExitCodes.ContainerName != "waybill" {
		return []string{"it tries again what ended with 3, 4 or 5"}
	}
	if spec.Template.Spec.RestartPolicy != corev1.RestartPolicyNever {
		return []string{"its pods are started anew before the policy is asked"}
	}
	return nil
}

// cmpOr is the first that is there, else a zero.
func cmpOr(limits ...*int32) *int32 {
	for _, limit := range limits {
		if limit != nil {
			return limit
		}
	}
	return new(int32)
}

func TestCompose(t *testing.T) {
	path := filepath.Join(written, "compose.yaml")
	environment := types.Mapping{}
	var asked []string
	example, err := os.ReadFile(filepath.Join(written, "compose.env.example"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(example)) {
		if name, _, found := strings.Cut(line, "="); found && !strings.HasPrefix(line, "#") {
			environment[name] = "value" // the loader adds names of its own to it
			asked = append(asked, name)
		}
	}
	project, err := loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir: written, ConfigFiles: []types.ConfigFile{{Filename: path}}, Environment: environment,
	}, func(o *loader.Options) { o.Profiles = []string{"*"} })
	if err != nil {
		t.Fatal(err)
	}
	for name, restart := range map[string]string{"apply": "no", "ledger-new": "no", "serve": "unless-stopped"} {
		service, err := project.GetService(name)
		if err != nil {
			t.Error(err)
			continue
		}
		line := strings.Join(service.Command, " ")
		if service.Restart != restart || strings.Contains(line, "--existing-ledger") == (name == "ledger-new") {
			t.Errorf("%s: restart %q, %s", name, service.Restart, line)
		}
	}
	// Every variable that it asks for is in the example.
	for _, name := range asked {
		without := types.Mapping{}
		for other, value := range environment {
			if other != name {
				without[other] = value
			}
		}
		if _, err := loader.LoadWithContext(context.Background(), types.ConfigDetails{
			WorkingDir: written, ConfigFiles: []types.ConfigFile{{Filename: path}}, Environment: without,
		}, func(o *loader.Options) { o.Profiles = []string{"*"} }); err == nil {
			t.Errorf("%s may be missing", name)
		}
	}
}

// TestSystemd holds the units to systemd-analyze, with this build in the place of /usr/bin/waybill.
func TestSystemd(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		fmt.Fprintln(os.Stderr, "SKIPPED: systemd-analyze is not on this machine, the units are not verified")
		t.Skip(err)
	}
	dir := t.TempDir()
	var units []string
	err = filepath.WalkDir(filepath.Join(written, "deploy/systemd"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".service" && filepath.Ext(path) != ".timer" {
			return err
		}
		text, err := os.ReadFile(path)
		unit := filepath.Join(dir, strings.Replace(filepath.Base(path), "@.", "@reminders.", 1))
		units = append(units, unit)
		if strings.HasSuffix(path, ".service") {
			for _, wanted := range []string{"ExecStart=/usr/bin/waybill ", "User=waybill\n", "ProtectSystem=strict\n"} {
				if !bytes.Contains(text, []byte(wanted)) {
					t.Errorf("%s lacks %s", path, wanted)
				}
			}
			begins := bytes.Contains(text, []byte("waybill ledger new\n"))
			if !begins && !(bytes.Contains(text, []byte("--existing-ledger")) && bytes.Contains(text, []byte("\nRestartPreventExitStatus=3 4 5\n"))) {
				t.Errorf("%s begins a ledger by itself, or tries again what ended with 3, 4 or 5", path)
			}
		}
		text = bytes.ReplaceAll(text, []byte("/usr/bin/waybill"), []byte(program))
		return errors.Join(err, os.WriteFile(unit, text, 0o644))
	})
	if err != nil || len(units) != 4 {
		t.Fatalf("%v %v", units, err)
	}
	out, err := exec.Command(analyze, append([]string{"verify", "--man=no", "--generators=no"}, units...)...).CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, dir) || strings.Contains(line, "waybill") {
			t.Error(strings.TrimSpace(line)) // a warning of it too; what the machine's own units lack is not ours
		}
	}
	if err != nil {
		t.Errorf("systemd-analyze: %v\n%s", err, out)
	}
}

// TestComposite runs bash over the scripts of the composite action, which no linter reads.
func TestComposite(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, ".github/actions/waybill/action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Name, Description string
		Inputs            map[string]struct {
			Description, Default string
			Required             bool
		}
		Outputs map[string]struct{ Description, Value string }
		Runs    struct {
			Using string
			Steps []struct {
				Name, ID, If, Shell, Run string
				Env                      map[string]string
			}
		}
	}
	if err := yaml.UnmarshalStrict(text, &action); err != nil {
		t.Fatal(err)
	}
	if action.Runs.Using != "composite" || len(action.Runs.Steps) == 0 {
		t.Fatalf("%+v", action)
	}
	for _, step := range action.Runs.Steps {
		check := exec.Command("bash", "-n")
		check.Stdin = strings.NewReader(step.Run)
		if out, err := check.CombinedOutput(); err != nil || step.Shell != "bash" || strings.Contains(step.Run, "${{") {
			t.Errorf("step %s: %v %s: a script of bash, which takes what comes from outside by the environment", step.Name, err, out)
		}
	}
	for _, used := range strings.Split(string(text), "inputs.")[1:] {
		name := used[:strings.IndexAny(used, " }")]
		if _, known := action.Inputs[name]; !known {
			t.Errorf("there is no input %s", name)
		}
	}
}
