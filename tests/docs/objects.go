package docs

import (
	"bytes"
	"fmt"
	"strings"

	fluxv2 "github.com/fluxcd/helm-controller/api/v2"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

type object struct {
	kind, name string
	values     string // of a chart that it installs
}

var decoder = func() runtime.Decoder {
	known := runtime.NewScheme()
	utilruntime.Must(clientscheme.AddToScheme(known))
	utilruntime.Must(monitoringv1.AddToScheme(known))
	utilruntime.Must(fluxv2.AddToScheme(known))
	return serializer.NewCodecFactory(known, serializer.EnableStrict).UniversalDeserializer()
}()

// decodeAll reads the documents of a text into their kinds' own types, without unknown or repeated fields.
func decodeAll(text string) ([]object, error) {
	var all []object
	for _, document := range strings.Split("\n"+text, "\n---\n") {
		if strings.TrimSpace(withoutComments(document)) == "" {
			continue
		}
		one, err := decode(document)
		if err != nil {
			return nil, fmt.Errorf("%w\n%s", err, document)
		}
		all = append(all, one)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no object")
	}
	return all, nil
}

func withoutComments(document string) string {
	var kept []string
	for _, line := range strings.Split(document, "\n") {
		if !strings.HasPrefix(strings.TrimSpace(line), "#") && line != "---" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

func decode(document string) (object, error) {
	var meta struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
		Metadata   struct {
			Name string `json:"name"`
		} `json:"metadata"`
	}
	if err := yaml.Unmarshal([]byte(document), &meta); err != nil {
		return object{}, err
	}
	one := object{kind: meta.Kind, name: meta.Metadata.Name}
	switch meta.APIVersion + " " + meta.Kind {
	case "argoproj.io/v1alpha1 Application":
		var application argoApplication
		if err := yaml.UnmarshalStrict([]byte(document), &application); err != nil {
			return one, err
		}
		values, err := yaml.Marshal(application.Spec.Source.Helm.ValuesObject)
		one.values = string(values)
		return one, err
	case "external-secrets.io/v1 ExternalSecret":
		return one, yaml.UnmarshalStrict([]byte(document), &externalSecret{})
	}
	decoded, _, err := decoder.Decode(bytes.TrimSpace([]byte(document)), nil, nil)
	if err != nil {
		return one, err
	}
	if release, ok := decoded.(*fluxv2.HelmRelease); ok {
		values, err := yaml.Marshal(release.Spec.Values)
		one.values = string(values)
		return one, err
	}
	return one, nil
}

// What the documents use of kinds whose own types are not to be had without the program around them.
type metadata struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace,omitempty"`
}

type argoApplication struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Metadata   metadata `json:"metadata"`
	Spec       struct {
		Project string `json:"project"`
		Source  struct {
			RepoURL        string `json:"repoURL"`
			TargetRevision string `json:"targetRevision"`
			Path           string `json:"path"`
			Helm           struct {
				ReleaseName  string         `json:"releaseName"`
				ValuesObject map[string]any `json:"valuesObject"`
			} `json:"helm"`
		} `json:"source"`
		Destination struct {
			Server    string `json:"server"`
			Namespace string `json:"namespace"`
		} `json:"destination"`
		SyncPolicy struct {
			Automated struct {
				Prune    bool `json:"prune"`
				SelfHeal bool `json:"selfHeal"`
			} `json:"automated"`
			SyncOptions []string `json:"syncOptions"`
		} `json:"syncPolicy"`
	} `json:"spec"`
}

type externalSecret struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Metadata   metadata `json:"metadata"`
	Spec       struct {
		RefreshInterval string `json:"refreshInterval"`
		SecretStoreRef  struct {
			Kind string `json:"kind"`
			Name string `json:"name"`
		} `json:"secretStoreRef"`
		Target struct {
			Name string `json:"name"`
		} `json:"target"`
		Data []struct {
			SecretKey string `json:"secretKey"`
			RemoteRef struct {
				Key      string `json:"key"`
				Property string `json:"property"`
			} `json:"remoteRef"`
		} `json:"data"`
	} `json:"spec"`
}
