package chart

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// A pod is a container that podman runs as the manifest says.
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

// helmTest runs the pod of `helm test`, for which the Service is this machine.
func (p *pod) helmTest(t *testing.T, all *objects) {
	t.Helper()
	spec := all.testPod.Spec
	if spec.SecurityContext.RunAsUser == nil {
		return // a matter of the platform
	}
	container := spec.Containers[0]
	args := []string{"run", "--rm", "--pull=never", "--network=host", "--no-healthcheck",
		"--add-host=" + all.service.Name + "." + all.service.Namespace + ".svc:127.0.0.1"}
	args = append(args, confinement(t, spec.SecurityContext, container.SecurityContext)...)
	p.podman(t, append(append(args, container.Image), container.Args...)...)
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
