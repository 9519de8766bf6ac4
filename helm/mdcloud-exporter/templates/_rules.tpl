{{- /* The rules of files/rules with what the values say of thresholds, durations, severities, labels and switches. */}}
{{- define "mdcloud-exporter.rules" -}}
{{- $given := .Values.prometheusRule }}
{{- include "mdcloud-exporter.checkThresholds" $given.thresholds }}
{{- $thresholds := $given.thresholds }}
{{- /* What stands in an alert's expression for a threshold, and the threshold. */}}
{{- $places := dict
  "MDCloudQuotaHigh" (dict ">= 0.80" (printf ">= %v" $thresholds.quotaHigh) "< 0.95" (printf "< %v" $thresholds.quotaCritical))
  "MDCloudQuotaCritical" (dict ">= 0.95" (printf ">= %v" $thresholds.quotaCritical))
  "MDCloudQuotaExhaustionPredicted" (dict
    "+ 4 * 3600" (printf "+ %v * 3600" $thresholds.predictedHoursWithoutReset)
    "seconds, 24 * 3600" (printf "seconds, %v * 3600" $thresholds.predictedHoursAtMost)
    ">= 0.25" (printf ">= %v" $thresholds.predictedQuotaUsed))
  "MDCloudKeyExpiresIn30Days" (dict
    "< 30 * 86400" (printf "< %v * 86400" $thresholds.expiresInfoDays)
    ">= 14 * 86400" (printf ">= %v * 86400" $thresholds.expiresWarningDays))
  "MDCloudKeyExpiresIn14Days" (dict
    "< 14 * 86400" (printf "< %v * 86400" $thresholds.expiresWarningDays)
    ">= 7 * 86400" (printf ">= %v * 86400" $thresholds.expiresCriticalDays))
  "MDCloudKeyExpiresIn7Days" (dict "< 7 * 86400" (printf "< %v * 86400" $thresholds.expiresCriticalDays))
  "MDCloudDataStale" (dict "> 3 *" (printf "> %v *" $thresholds.staleIntervals))
  "MDCloudScansFailing" (dict "> 0.2" (printf "> %v" $thresholds.scansFailed))
  "MDCloudNoConsumption" (dict "1w)) >= 10" (printf "1w)) >= %v" $thresholds.usualCallsOfADay)) }}
{{- $labels := join ", " $given.replicaLabels }}
{{- $groups := list }}
{{- range $file := list "mdcloud-exporter" "optional" }}
{{- range $group := ($.Files.Get (printf "files/rules/%s.yaml" $file) | fromYaml).groups }}
{{- $rules := list }}
{{- range $rule := $group.rules }}
{{- $expr := $rule.expr | replace "instance, pod, container, endpoint, service, node" $labels }}
{{- $switched := dig "enabled" (ne $file "optional") (default dict (get (default dict $given.alerts) (default "" $rule.alert))) }}
{{- if $rule.alert }}
{{- $own := default dict (get (default dict $given.alerts) $rule.alert) }}
{{- range $from, $to := default dict (get $places $rule.alert) }}
{{- if not (contains $from $expr) }}{{ fail (printf "%s has no %q" $rule.alert $from) }}{{ end }}
{{- $expr = $expr | replace $from $to }}
{{- end }}
{{- $_ := set $rule "for" (default $rule.for (get $own "for")) }}
{{- $severity := default $rule.labels.severity $own.severity }}
{{- $_ := set $rule "labels" (merge (dict "severity" $severity) (default dict $own.labels) (default dict $given.alertLabels)) }}
{{- with $given.runbookUrl }}
{{- $_ := set $rule.annotations "runbook_url" (printf "%s#%s" . (lower $rule.alert)) }}
{{- end }}
{{- end }}
{{- $_ := set $rule "expr" $expr }}
{{- if $switched }}{{ $rules = append $rules $rule }}{{ end }}
{{- end }}
{{- $_ := set $group "rules" $rules }}
{{- if ne $file "optional" }}{{ $_ := set $group "interval" $given.interval }}{{ end }}
{{- if $rules }}{{ $groups = append $groups $group }}{{ end }}
{{- end }}
{{- end }}
{{- toYaml (dict "groups" $groups) }}
{{- end }}

{{- /* Bands of one quantity must follow each other, or two alerts tell of the same, or none. */}}
{{- define "mdcloud-exporter.checkThresholds" -}}
{{- if ge (float64 .quotaHigh) (float64 .quotaCritical) }}
{{- fail (printf "prometheusRule.thresholds.quotaHigh (%v) must be below quotaCritical (%v)." .quotaHigh .quotaCritical) }}
{{- end }}
{{- if ge (float64 .expiresCriticalDays) (float64 .expiresWarningDays) }}
{{- fail (printf "prometheusRule.thresholds.expiresCriticalDays (%v) must be below expiresWarningDays (%v)." .expiresCriticalDays .expiresWarningDays) }}
{{- end }}
{{- if ge (float64 .expiresWarningDays) (float64 .expiresInfoDays) }}
{{- fail (printf "prometheusRule.thresholds.expiresWarningDays (%v) must be below expiresInfoDays (%v)." .expiresWarningDays .expiresInfoDays) }}
{{- end }}
{{- end }}
