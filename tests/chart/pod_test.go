package chart

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
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
	t.Run("as the chart has it", func(t *testing.T) { podCase{}.run(t) })
	t.Run("as a user that the platform assigns", func(t *testing.T) {
		podCase{
			values: "podSecurityContext: {runAsUser: null, runAsGroup: null, fsGroup: null}\n",
			assign: func(security *corev1.PodSecurityContext) {
				assigned, group := int64(1000650000), int64(0)
				security.RunAsUser, security.RunAsGroup, security.FSGroup = &assigned, &group, &assigned
			},
		}.run(t)
	})
	t.Run("with TLS to both sides and a directory of keys", func(t *testing.T) {
		podCase{tls: true, values: `
caBundle: {configMap: {name: company-ca}}
webConfig: {existingSecret: mdcloud-web}
keyDirectories: {tenants: {existingSecret: metadefender-tenants}}
`}.run(t)
	})
}

// All but the image and the address of the service is the chart's default.
const podValues = `
image: {registry: localhost, repository: mdcloud_exporter, tag: test}
keys:
  production: {existingSecret: {name: metadefender, key: prod-key}}
  staging: {existingSecret: {name: metadefender, key: staging-key}}
`

type podCase struct {
	values string
	assign func(*corev1.PodSecurityContext) // what the platform adds
	tls    bool
}

func (c podCase) run(t *testing.T) {
	folder := t.TempDir()
	cloud := startCloud(t, folder, c.tls)
	entries := map[string]string{"prod-key": cloud.ask(t, "add production"), "staging-key": cloud.ask(t, "add staging")}
	tenants := map[string]string{"one": cloud.ask(t, "add one")}
	given := values(t, podValues+c.values)
	given["config"] = map[string]any{"global": map[string]any{"base_url": cloud.url}}
	all := render(t, helms()[1], given)
	spec := &all.deployment.Spec.Template.Spec
	if c.assign != nil {
		c.assign(spec.SecurityContext)
	}
	k := &kubelet{root: t.TempDir(), fsGroup: spec.SecurityContext.FSGroup,
		configMaps: store{all.configMap.Name: all.configMap.Data},
		secrets:    store{"metadefender": entries, "metadefender-tenants": tenants}}
	page, compared := "http", []string{"production", "staging"}
	if c.tls {
		page, compared = "https", append(compared, "one")
		cloud.certificate = filepath.Join(folder, "page.crt")
		k.configMaps["company-ca"] = map[string]string{"ca.crt": readText(t, filepath.Join(folder, "ca.crt"))}
		k.secrets["mdcloud-web"] = webConfig(t, cloud.certificate)
	}
	if err := os.Chmod(k.root, 0o755); err != nil {
		t.Fatal(err)
	}
	cloud.ask(t, "traffic 1 3000")

	pod := startPod(t, k, spec)
	started := time.Now()
	await(t, 60*time.Second, "ready", pod.probe(t, spec.Containers[0].ReadinessProbe))
	t.Logf("ready after %v", time.Since(started))
	await(t, 10*time.Second, "alive", pod.probe(t, spec.Containers[0].LivenessProbe))
	page = fmt.Sprintf("%s://127.0.0.1:%d/metrics", page, pod.port(t, "http"))
	for _, name := range compared {
		await(t, 30*time.Second, "values of "+name, cloud.compares(t, name, name, page))
	}
	pod.helmTest(t, all)

	// Another apikey of other use comes into the Secret, and one more into the directory.
	entries["prod-key"] = cloud.ask(t, "add rotated")
	tenants["two"] = cloud.ask(t, "add two")
	cloud.ask(t, "traffic 2 3000")
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
	if c.tls {
		await(t, 50*time.Second, "values of the new entry", cloud.compares(t, "two", "two", page))
	}
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

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// webConfig is a Secret for TLS on the pages; the certificate, its own authority, is also written to a file.
func webConfig(t *testing.T, file string) map[string]string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	request := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mdcloud-exporter"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	certificate, err := x509.CreateCertificate(rand.Reader, request, request, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	encoded := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
	if err := os.WriteFile(file, encoded, 0o644); err != nil {
		t.Fatal(err)
	}
	return map[string]string{"web.yml": "tls_server_config: {cert_file: tls.crt, key_file: tls.key}\n", "tls.crt": string(encoded),
		"tls.key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))}
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
