package chart

import (
	"testing"

	psapi "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

func TestPodIsAllowedByTheRestrictedStandard(t *testing.T) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	level := psapi.LevelVersion{Level: psapi.LevelRestricted, Version: psapi.LatestVersion()}
	forEachCase(t, func(t *testing.T, all *objects) {
		template := all.deployment.Spec.Template
		result := policy.AggregateCheckResults(evaluator.EvaluatePod(level, &template.ObjectMeta, &template.Spec))
		if !result.Allowed {
			t.Errorf("%s: %s", result.ForbiddenReason(), result.ForbiddenDetail())
		}
	})
}
