{{/* The labels of every object. */}}
{{- define "fate.labels" -}}
app.kubernetes.io/part-of: fate
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The labels that choose the pods of a service: those that never change. Takes root and name. */}}
{{- define "fate.selector" -}}
app.kubernetes.io/name: {{ .name | quote }}
app.kubernetes.io/instance: {{ .root.Release.Namespace | quote }}
{{- end }}

{{/* What an object says of itself. Takes root, name, and the service that it is part of, if any. */}}
{{- define "fate.about" -}}
name: {{ .name | quote }}
namespace: {{ .root.Release.Namespace | quote }}
labels:
  {{- with .service }}
  {{- include "fate.selector" (dict "root" $.root "name" .) | nindent 2 }}
  {{- end }}
  {{- include "fate.labels" .root | nindent 2 }}
{{- with .annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Refuses values that are no party's, or another namespace's. */}}
{{- define "fate.check" -}}
{{- if not .Values.services }}
{{- fail "these values are no party's: services is empty. Print a party's, and install with them: fate chart values Pulumi.STACK.yaml --party ID > party.yaml; helm install NAME CHART --namespace NAMESPACE -f party.yaml" }}
{{- end }}
{{- if ne .Values.namespace .Release.Namespace }}
{{- fail (printf "these values are for namespace %s, which the files of the services name, and this is a release in %s: write --namespace %s, or fate:runtime.namespace in the stack's file, and print the values anew" .Values.namespace .Release.Namespace .Values.namespace) }}
{{- end }}
{{- range $name, $service := .Values.services }}
{{- if and $service.claims $service.replicas }}
{{- fail (printf "services.%s.replicas: pods of it would write to one claim, so it has one pod: leave replicas out" $name) }}
{{- end }}
{{- end }}
{{- end }}
