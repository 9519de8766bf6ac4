// Package chart tests helm/mdcloud-exporter with Helm's and Kubernetes' own libraries.
package chart

import (
	"fmt"
	"strings"

	v3chart "helm.sh/helm/v3/pkg/chart"
	v3loader "helm.sh/helm/v3/pkg/chart/loader"
	v3util "helm.sh/helm/v3/pkg/chartutil"
	v3engine "helm.sh/helm/v3/pkg/engine"
	v3lint "helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v4/pkg/chart/common"
	v4util "helm.sh/helm/v4/pkg/chart/common/util"
	v4chart "helm.sh/helm/v4/pkg/chart/v2"
	v4lint "helm.sh/helm/v4/pkg/chart/v2/lint"
	v4loader "helm.sh/helm/v4/pkg/chart/v2/loader"
	v4chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	v4engine "helm.sh/helm/v4/pkg/engine"
)

const (
	chartDir    = "../../helm/mdcloud-exporter"
	releaseName = "mdcloud"
	namespace   = "security"
	// Helm's libraries believe in Kubernetes 1.20 when nobody tells them.
	kubeVersion = "v1.33.4"
)

// Where a chart is rendered for.
type cluster struct {
	kubeVersion string
	apis        []string // as group/version/Kind, beside those of Kubernetes
}

var usualCluster = cluster{kubeVersion: kubeVersion}

// A helm is one generation of Helm: it renders the templates of the chart by name, and lints it.
type helm struct {
	name     string
	renderIn func(cluster cluster, parent string, values map[string]any) (map[string]string, error)
	lint     func(values map[string]any) []string
}

func helms() []helm {
	return []helm{{"helm3", renderWithHelm3, lintWithHelm3}, {"helm4", renderWithHelm4, lintWithHelm4}}
}

func (helm helm) render(values map[string]any) (map[string]string, error) {
	return helm.renderIn(usualCluster, "", values)
}

// Of the chart, or of the chart in the directory `parent`, which names it as a dependency.
func renderWithHelm3(cluster cluster, parent string, values map[string]any) (map[string]string, error) {
	var loaded *v3chart.Chart
	loaded, err := v3loader.LoadDir(chartDir)
	if err != nil {
		return nil, err
	}
	if parent != "" {
		dependency := loaded
		if loaded, err = v3loader.LoadDir(parent); err != nil {
			return nil, err
		}
		loaded.AddDependency(dependency)
		if err := v3util.ProcessDependencies(loaded, values); err != nil {
			return nil, err
		}
	}
	version, err := v3util.ParseKubeVersion(cluster.kubeVersion)
	if err != nil {
		return nil, err
	}
	capabilities := v3util.DefaultCapabilities.Copy()
	capabilities.KubeVersion = *version
	capabilities.APIVersions = append(capabilities.APIVersions, cluster.apis...)
	all, err := v3util.ToRenderValues(loaded, values,
		v3util.ReleaseOptions{Name: releaseName, Namespace: namespace, Revision: 1, IsInstall: true}, capabilities)
	if err != nil {
		return nil, err
	}
	rendered, err := v3engine.Render(loaded, all)
	return byBaseName(rendered), err
}

func renderWithHelm4(cluster cluster, parent string, values map[string]any) (map[string]string, error) {
	var loaded *v4chart.Chart
	loaded, err := v4loader.LoadDir(chartDir)
	if err != nil {
		return nil, err
	}
	if parent != "" {
		dependency := loaded
		if loaded, err = v4loader.LoadDir(parent); err != nil {
			return nil, err
		}
		loaded.AddDependency(dependency)
		if err := v4chartutil.ProcessDependencies(loaded, values); err != nil {
			return nil, err
		}
	}
	version, err := common.ParseKubeVersion(cluster.kubeVersion)
	if err != nil {
		return nil, err
	}
	capabilities := common.DefaultCapabilities.Copy()
	capabilities.KubeVersion = *version
	capabilities.APIVersions = append(capabilities.APIVersions, cluster.apis...)
	all, err := v4util.ToRenderValues(loaded, values,
		common.ReleaseOptions{Name: releaseName, Namespace: namespace, Revision: 1, IsInstall: true}, capabilities)
	if err != nil {
		return nil, err
	}
	rendered, err := v4engine.Render(loaded, all)
	return byBaseName(rendered), err
}

// The documents by the names of their files, which are different; those of a parent chart with parent/ before them.
func byBaseName(rendered map[string]string) map[string]string {
	withDependency := false
	for path := range rendered {
		withDependency = withDependency || strings.Contains(path, "/charts/")
	}
	named := map[string]string{}
	for path, text := range rendered {
		name := path[strings.LastIndex(path, "/")+1:]
		if withDependency && !strings.Contains(path, "/charts/") {
			name = "parent/" + name
		}
		named[name] = text
	}
	return named
}

func lintWithHelm3(values map[string]any) []string {
	version, err := v3util.ParseKubeVersion(kubeVersion)
	if err != nil {
		return []string{err.Error()}
	}
	var messages []string
	for _, message := range v3lint.AllWithKubeVersion(chartDir, values, namespace, version).Messages {
		messages = append(messages, fmt.Sprint(message))
	}
	return messages
}

func lintWithHelm4(values map[string]any) []string {
	version, err := common.ParseKubeVersion(kubeVersion)
	if err != nil {
		return []string{err.Error()}
	}
	var messages []string
	for _, message := range v4lint.RunAll(chartDir, values, namespace, v4lint.WithKubeVersion(version)).Messages {
		messages = append(messages, fmt.Sprint(message))
	}
	return messages
}
