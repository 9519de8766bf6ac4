package chart

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// The pod of the chart runs: the image as the manifest says, against a simulated service. Called by tests/image/run, which
// has the image, in a network of its own, where the port of the manifest is free:
//
//	MDCLOUD_PODMAN           podman and its options
//	MDCLOUD_SIMULATED_CLOUD  the program of tests/image
func TestPodRunsFromItsManifest(t *testing.T) {
	if os.Getenv("MDCLOUD_PODMAN") == "" {
		t.Skip("MDCLOUD_PODMAN is not set")
	}
	t.Run("as the chart has it", func(t *testing.T) {
		runPod(t, "", func(*corev1.PodSecurityContext) {})
	})
	t.Run("as a user that the platform assigns", func(t *testing.T) {
		runPod(t, "podSecurityContext: {runAsUser: null, runAsGroup: null, fsGroup: null}\n",
			func(security *corev1.PodSecurityContext) {
				assigned, group := int64(1000650000), int64(0)
				security.RunAsUser, security.RunAsGroup, security.FSGroup = &assigned, &group, &assigned
			})
	})
}

// All but the image and the address of the service is the chart's default.
const podValues = `
image: {registry: localhost, repository: mdcloud_exporter, tag: test}
keys:
  production: {existingSecret: {name: metadefender, key: prod-key}}
  staging: {existingSecret: {name: metadefender, key: staging-key}}
`

func runPod(t *testing.T, more string, assign func(*corev1.PodSecurityContext)) {
	cloud := startCloud(t)
	entries := map[string]string{"prod-key": cloud.ask(t, "add production"), "staging-key": cloud.ask(t, "add staging")}
	given := values(t, podValues+more)
	given["config"] = map[string]any{"global": map[string]any{"base_url": cloud.url}}
	deployment, configMaps := renderPod(t, given)
	spec := &deployment.Spec.Template.Spec
	assign(spec.SecurityContext)
	k := &kubelet{root: t.TempDir(), configMaps: configMaps, secrets: store{"metadefender": entries},
		fsGroup: spec.SecurityContext.FSGroup}
	if err := os.Chmod(k.root, 0o755); err != nil {
		t.Fatal(err)
	}
	cloud.ask(t, "traffic 1 2000")

	pod := startPod(t, k, spec)
	started := time.Now()
	await(t, 60*time.Second, "ready", pod.probe(t, spec.Containers[0].ReadinessProbe))
	t.Logf("ready after %v", time.Since(started))
	await(t, 10*time.Second, "alive", pod.probe(t, spec.Containers[0].LivenessProbe))
	page := fmt.Sprintf("http://127.0.0.1:%d/metrics", pod.port(t, "http"))
	for _, name := range []string{"production", "staging"} {
		await(t, 30*time.Second, "values of "+name, cloud.compares(t, name, name, page))
	}

	// Another apikey of other use comes into the Secret.
	entries["prod-key"] = cloud.ask(t, "add rotated")
	cloud.ask(t, "traffic 2 2000")
	if cloud.compares(t, "production", "rotated", page)() == nil {
		t.Fatal("the two keys cannot be told apart")
	}
	before := pod.inspect(t, "{{.State.StartedAt}} {{.State.Pid}}")
	swapped := time.Now()
	for _, volume := range spec.Volumes {
		if _, err := k.mount(volume); err != nil {
			t.Fatal(err)
		}
	}
	await(t, 50*time.Second, "values of the new apikey", cloud.compares(t, "production", "rotated", page))
	t.Logf("the new apikey is in use after %v", time.Since(swapped))
	equal(t, "the process", pod.inspect(t, "{{.State.StartedAt}} {{.State.Pid}}"), before)

	logs := pod.logs()
	if !strings.Contains(logs, "msg=") {
		t.Errorf("nothing in the log: %s", logs)
	}
	for _, apikey := range entries {
		if strings.Contains(logs, apikey) {
			t.Error("an apikey is in the log")
		}
	}
	pod.podman(t, "stop", "--time", "30", pod.id)
	equal(t, "exit code", pod.inspect(t, "{{.State.ExitCode}}"), "0")
}

func renderPod(t *testing.T, given map[string]any) (*appsv1.Deployment, store) {
	t.Helper()
	rendered, err := renderWithHelm4(given)
	if err != nil {
		t.Fatal(err)
	}
	var deployment *appsv1.Deployment
	configMaps := store{}
	for _, text := range rendered {
		for _, document := range strings.Split(text, "\n---\n") {
			var meta struct {
				Kind string `json:"kind"`
			}
			if yaml.Unmarshal([]byte(document), &meta) != nil {
				continue // NOTES.txt
			}
			switch meta.Kind {
			case "Deployment":
				err = decodeInto(document, &deployment)
			case "ConfigMap":
				var configMap *corev1.ConfigMap
				err = decodeInto(document, &configMap)
				configMaps[configMap.Name] = configMap.Data
			}
			if err != nil {
				t.Fatalf("%v\n%s", err, document)
			}
		}
	}
	if deployment == nil {
		t.Fatal("no Deployment")
	}
	return deployment, configMaps
}

func await(t *testing.T, limit time.Duration, what string, attempt func() error) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for {
		err := attempt()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: after %v still: %v", what, limit, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

type pod struct {
	id    string
	ports map[string]int32
}

func podman(args ...string) *exec.Cmd {
	words := append(strings.Fields(os.Getenv("MDCLOUD_PODMAN")), args...)
	return exec.Command(words[0], words[1:]...)
}

func (p *pod) podman(t *testing.T, args ...string) string {
	t.Helper()
	command := podman(args...)
	var problems strings.Builder
	command.Stderr = &problems
	output, err := command.Output()
	if err != nil {
		t.Fatalf("podman %s: %v\n%s", strings.Join(args, " "), err, problems.String())
	}
	return strings.TrimSpace(string(output))
}

func (p *pod) logs() string {
	output, err := podman("logs", p.id).CombinedOutput()
	return fmt.Sprintf("%s%v", output, err)
}

func (p *pod) inspect(t *testing.T, format string) string {
	t.Helper()
	return p.podman(t, "inspect", "--format", format, p.id)
}

// startPod runs the one container of the pod with everything that its manifest asks for.
func startPod(t *testing.T, k *kubelet, spec *corev1.PodSpec) *pod {
	t.Helper()
	if len(spec.Containers) != 1 || len(spec.InitContainers) != 0 {
		t.Fatal("one container was expected")
	}
	container := spec.Containers[0]
	args := []string{"run", "--detach", "--pull=never", "--network=host", "--no-healthcheck"}
	args = append(args, confinement(t, spec.SecurityContext, container.SecurityContext)...)
	for _, variable := range container.Env {
		args = append(args, "--env="+variable.Name+"="+variable.Value)
	}
	for _, mount := range container.VolumeMounts {
		at := slices.IndexFunc(spec.Volumes, func(volume corev1.Volume) bool { return volume.Name == mount.Name })
		if at < 0 {
			t.Fatalf("no volume %s", mount.Name)
		}
		directory, err := k.mount(spec.Volumes[at])
		if err != nil {
			t.Fatal(err)
		}
		mode := "rw"
		if mount.ReadOnly {
			mode = "ro"
		}
		args = append(args, "--volume="+directory+":"+mount.MountPath+":"+mode)
	}
	if len(container.Command) > 0 {
		args = append(args, "--entrypoint="+container.Command[0])
	}
	args = append(args, container.Image)
	p := &pod{ports: map[string]int32{}}
	for _, port := range container.Ports {
		p.ports[port.Name] = port.ContainerPort
	}
	p.id = p.podman(t, append(args, container.Args...)...)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(p.logs())
		}
		p.podman(t, "rm", "--force", "--time=2", p.id)
	})
	return p
}

func confinement(t *testing.T, pod *corev1.PodSecurityContext, container *corev1.SecurityContext) []string {
	t.Helper()
	if pod.RunAsUser == nil || pod.RunAsGroup == nil || *pod.RunAsUser == 0 || !*pod.RunAsNonRoot {
		t.Fatalf("no user other than root: %v", pod)
	}
	args := []string{fmt.Sprintf("--user=%d:%d", *pod.RunAsUser, *pod.RunAsGroup)}
	if pod.FSGroup != nil {
		args = append(args, fmt.Sprintf("--group-add=%d", *pod.FSGroup))
	}
	// podman's own profile is the runtime's default.
	equal(t, "seccomp profile", pod.SeccompProfile.Type, corev1.SeccompProfileTypeRuntimeDefault)
	if *container.ReadOnlyRootFilesystem {
		args = append(args, "--read-only", "--read-only-tmpfs=false")
	}
	if !*container.AllowPrivilegeEscalation {
		args = append(args, "--security-opt=no-new-privileges")
	}
	for _, capability := range container.Capabilities.Drop {
		args = append(args, "--cap-drop="+string(capability))
	}
	return args
}

func (p *pod) port(t *testing.T, name string) int32 {
	t.Helper()
	port, there := p.ports[name]
	if !there {
		t.Fatalf("no port %s", name)
	}
	return port
}

// probe asks once what the probe of the manifest asks.
func (p *pod) probe(t *testing.T, probe *corev1.Probe) func() error {
	t.Helper()
	port := probe.HTTPGet.Port.IntVal
	if name := probe.HTTPGet.Port.StrVal; name != "" {
		port = p.port(t, name)
	}
	client := &http.Client{Timeout: time.Duration(max(probe.TimeoutSeconds, 1)) * time.Second}
	return func() error {
		answer, err := client.Get("http://127.0.0.1:" + strconv.Itoa(int(port)) + probe.HTTPGet.Path)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("%s", answer.Status)
		}
		return nil
	}
}

// A cloud is the simulated service (tests/image/simulated_cloud.cpp).
type cloud struct {
	url     string
	answers *bufio.Reader
	command func(string) error
}

func startCloud(t *testing.T) *cloud {
	t.Helper()
	process := exec.Command(os.Getenv("MDCLOUD_SIMULATED_CLOUD"))
	process.Stderr = os.Stderr
	in, err := process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		process.Wait()
	})
	c := &cloud{answers: bufio.NewReader(out), command: func(line string) error {
		_, err := fmt.Fprintln(in, line)
		return err
	}}
	c.url = c.answer(t)
	return c
}

func (c *cloud) answer(t *testing.T) string {
	t.Helper()
	line, err := c.answers.ReadString('\n')
	if err != nil {
		t.Fatalf("the simulated service: %v", err)
	}
	return strings.TrimSpace(line)
}

func (c *cloud) ask(t *testing.T, command string) string {
	t.Helper()
	if err := c.command(command); err != nil {
		t.Fatal(err)
	}
	return c.answer(t)
}

// compares asks whether the exported values of `key` are the truth about `name`.
func (c *cloud) compares(t *testing.T, key, name, page string) func() error {
	return func() error {
		if differences := c.ask(t, "compare "+key+" "+name+" "+page); differences != "nothing" {
			return fmt.Errorf("%s", differences)
		}
		return nil
	}
}
