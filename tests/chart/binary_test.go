package chart

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

func keyVolume(spec corev1.PodSpec) *corev1.Volume {
	if volume := volumeNamed(spec, "mdcloud-keys"); volume != nil {
		return volume
	}
	return volumeNamed(spec, "keys")
}

// A certificate and its key, as PEM.
func certificate(t *testing.T) (string, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	made, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := func(kind string, bytes []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}))
	}
	return text("CERTIFICATE", made), text("PRIVATE KEY", private)
}

// The exporter itself accepts what the chart writes. The files of the pod are laid out in a temporary directory.
func TestExporterAcceptsTheConfiguration(t *testing.T) {
	binary := os.Getenv("MDCLOUD_EXPORTER_BINARY")
	if binary == "" {
		t.Skip("MDCLOUD_EXPORTER_BINARY is not set")
	}
	certificate, key := certificate(t)
	check := func(t *testing.T, all *objects, spec corev1.PodSpec) {
		if all.config() == "" {
			return // it is not the chart's
		}
		root := t.TempDir()
		write := func(path, text string) {
			t.Helper()
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for name := range projectedFiles(keyVolume(spec)) {
			write(filepath.Join(root, "keys", name), "0123456789abcdef0123456789abcdef\n")
		}
		for path := range projectedFiles(volumeNamed(spec, "connections")) {
			text := certificate
			switch filepath.Base(path) {
			case "proxy":
				text = "user:password\n"
			case "tls.key":
				text = key
			}
			write(filepath.Join(root, "connections", path), text)
		}
		for _, volume := range spec.Volumes {
			if name, ok := strings.CutPrefix(volume.Name, "keys-"); ok {
				write(filepath.Join(root, "key-directories", name, "one-of-"+name), "0123456789abcdef0123456789abcde"+name[:1]+"\n")
			}
		}
		authorities, err := os.ReadFile("/etc/ssl/certs/ca-certificates.crt")
		if err != nil {
			t.Fatal(err)
		}
		write(filepath.Join(root, "ca", "ca.crt"), string(authorities))
		config := filepath.Join(root, "config", "config.yaml")
		write(config, strings.ReplaceAll(all.config(), "/etc/mdcloud/", root+"/"))
		output, err := exec.Command(binary, "check", "--config.file="+config).CombinedOutput()
		if err != nil {
			t.Errorf("%v: %s\n%s", err, output, all.config())
		}
	}
	forEachCase(t, func(t *testing.T, all *objects) { check(t, all, all.deployment.Spec.Template.Spec) })
	for _, helm := range helms() {
		t.Run(helm.name+"/sidecar", func(t *testing.T) {
			deployment, all := renderApplication(t, helm, "{}")
			check(t, all, deployment.Spec.Template.Spec)
		})
	}
}
