{{- /* What a ServiceMonitor and a PodMonitor have in common: root, given (its values), and the name of their list of endpoints. */}}
{{- define "mdcloud-exporter.monitorSpec" -}}
{{- $web := .root.Values.webConfig -}}
namespaceSelector:
  matchNames:
    - {{ include "mdcloud-exporter.namespace" .root }}
{{- with .given.sampleLimit }}
sampleLimit: {{ int64 . }}
{{- end }}
{{- with .given.labelLimit }}
labelLimit: {{ int64 . }}
{{- end }}
{{- with .given.scrapeClass }}
scrapeClass: {{ . }}
{{- end }}
{{- with .given.fallbackScrapeProtocol }}
fallbackScrapeProtocol: {{ . }}
{{- end }}
{{ .endpoints }}:
  - port: {{ include "mdcloud-exporter.metricsPort" .root }}
    path: /metrics
    interval: {{ .given.interval }}
    {{- with .given.scrapeTimeout }}
    scrapeTimeout: {{ . }}
    {{- end }}
    {{- if or (eq .given.scheme "https") (and (not .given.scheme) $web.existingSecret $web.tls) }}
    scheme: https
    {{- end }}
    {{- with .given.tlsConfig }}
    tlsConfig:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .given.basicAuth }}
    basicAuth:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .given.authorization }}
    authorization:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    honorLabels: false
    relabelings:
      - targetLabel: job
        replacement: mdcloud-exporter
      {{- with .given.relabelings }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    {{- with .given.metricRelabelings }}
    metricRelabelings:
      {{- toYaml . | nindent 6 }}
    {{- end }}
{{- end }}
