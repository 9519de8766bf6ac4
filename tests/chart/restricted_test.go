package chart

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	psapi "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// What the admission of the oldest and the newest Kubernetes says of a pod in a namespace with the standard `restricted`.
func isRestricted(t *testing.T, what string, meta *metav1.ObjectMeta, spec *corev1.PodSpec) {
	t.Helper()
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []psapi.Version{psapi.MajorMinorVersion(1, 25), psapi.MajorMinorVersion(1, 34), psapi.LatestVersion()} {
		level := psapi.LevelVersion{Level: psapi.LevelRestricted, Version: version}
		result := policy.AggregateCheckResults(evaluator.EvaluatePod(level, meta, spec))
		if !result.Allowed {
			t.Errorf("%s, %s: %s: %s", what, version, result.ForbiddenReason(), result.ForbiddenDetail())
		}
	}
}

func TestPodsAreAllowedByTheRestrictedStandard(t *testing.T) {
	forEachCase(t, func(t *testing.T, all *objects) {
		template := all.deployment.Spec.Template
		isRestricted(t, "the pod", &template.ObjectMeta, &template.Spec)
		isRestricted(t, "the pod of helm test", &all.testPod.ObjectMeta, &all.testPod.Spec)
	})
}
