{{- define "filingbell.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "filingbell.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "filingbell.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "filingbell.selector" -}}
app.kubernetes.io/name: {{ include "filingbell.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "filingbell.labels" -}}
{{ include "filingbell.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: filingbell
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "filingbell.image" -}}
{{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) }}
{{- end -}}

{{- define "filingbell.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "filingbell.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "filingbell.configMap" -}}
{{- .Values.existingConfigMap | default (printf "%s-config" (include "filingbell.fullname" .)) -}}
{{- end -}}

{{/* What must be set, said in words before anything is installed. */}}
{{- define "filingbell.validate" -}}
{{- $sasl := hasPrefix "SASL" .Values.kafka.securityProtocol -}}
{{- if not (contains "@" .Values.secContact) -}}
{{- fail "secContact: the SEC blocks clients that do not say who they are; set \"Your Name you@example.com\"" -}}
{{- end -}}
{{- if not .Values.database.existingSecret.name -}}
{{- fail "database.existingSecret.name: name the Secret whose key holds postgresql://USER:PASSWORD@HOST:PORT/DATABASE" -}}
{{- end -}}
{{- if not .Values.key.existingSecret.name -}}
{{- fail "key.existingSecret.name: name the Secret whose key holds what `filingbell secret --key` prints" -}}
{{- end -}}
{{- if not .Values.kafka.bootstrap -}}
{{- fail "kafka.bootstrap: set host:9092, or several with commas between" -}}
{{- end -}}
{{- if and $sasl (not (and .Values.kafka.sasl.username .Values.kafka.sasl.existingSecret.name)) -}}
{{- fail (printf "kafka.securityProtocol %s needs kafka.sasl.username and kafka.sasl.existingSecret.name" .Values.kafka.securityProtocol) -}}
{{- end -}}
{{- if ge (int .Values.stopSeconds) (int .Values.terminationGracePeriodSeconds) -}}
{{- fail "stopSeconds must be shorter than terminationGracePeriodSeconds, or a graceful stop is cut off" -}}
{{- end -}}
{{- if and .Values.topics.job.enabled .Values.topics.strimzi.enabled -}}
{{- fail "topics.job and topics.strimzi both make the topics: disable one of them" -}}
{{- end -}}
{{- if and .Values.topics.strimzi.enabled (not .Values.topics.strimzi.cluster) -}}
{{- fail "topics.strimzi.cluster: name the Kafka resource that the topics belong to" -}}
{{- end -}}
{{- range $role, $of := .Values.roles -}}
{{- $hpa := dig "autoscaling" "hpa" "enabled" false $of -}}
{{- $keda := dig "autoscaling" "keda" "enabled" false $of -}}
{{- if and $hpa $keda -}}
{{- fail (printf "roles.%s.autoscaling: hpa and keda would fight; enable one of them" $role) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* How Kafka is reached; all that the topics job needs. */}}
{{- define "filingbell.kafkaEnv" -}}
- name: FILINGBELL_KAFKA
  value: {{ .Values.kafka.bootstrap | quote }}
- name: FILINGBELL_KAFKA_SECURITY_PROTOCOL
  value: {{ .Values.kafka.securityProtocol | quote }}
{{- if hasPrefix "SASL" .Values.kafka.securityProtocol }}
- name: FILINGBELL_KAFKA_SASL_MECHANISM
  value: {{ .Values.kafka.sasl.mechanism | quote }}
- name: FILINGBELL_KAFKA_SASL_USERNAME
  value: {{ .Values.kafka.sasl.username | quote }}
- name: FILINGBELL_KAFKA_SASL_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ .Values.kafka.sasl.existingSecret.name }}
      key: {{ .Values.kafka.sasl.existingSecret.key }}
{{- end }}
{{- with .Values.kafka.tls.existingSecret }}
{{- if .name }}
{{- with .ca }}
- name: FILINGBELL_KAFKA_SSL_CAFILE
  value: /etc/filingbell/kafka-tls/{{ . }}
{{- end }}
{{- with .cert }}
- name: FILINGBELL_KAFKA_SSL_CERTFILE
  value: /etc/filingbell/kafka-tls/{{ . }}
{{- end }}
{{- with .key }}
- name: FILINGBELL_KAFKA_SSL_KEYFILE
  value: /etc/filingbell/kafka-tls/{{ . }}
{{- end }}
{{- end }}
{{- end }}
- name: FILINGBELL_KAFKA_PREFIX
  value: {{ .Values.kafka.prefix | quote }}
- name: FILINGBELL_KAFKA_MAX_BYTES
  value: {{ int64 .Values.kafka.maxBytes | quote }}
- name: FILINGBELL_DATABASE
  valueFrom:
    secretKeyRef:
      name: {{ .Values.database.existingSecret.name }}
      key: {{ .Values.database.existingSecret.key }}
- name: FILINGBELL_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .Values.key.existingSecret.name }}
      key: {{ .Values.key.existingSecret.key }}
- name: FILINGBELL_HOME
  value: /var/lib/filingbell
- name: FILINGBELL_LOG_LEVEL
  value: {{ .Values.logLevel | quote }}
{{- end -}}

{{- define "filingbell.mounts" -}}
- name: home
  mountPath: /var/lib/filingbell
- name: tmp
  mountPath: /tmp
{{- if .Values.kafka.tls.existingSecret.name }}
- name: kafka-tls
  mountPath: /etc/filingbell/kafka-tls
  readOnly: true
{{- end }}
{{- end -}}

{{/* All state is in PostgreSQL and Kafka: what a pod has on disk may go with it. */}}
{{- define "filingbell.volumes" -}}
- name: home
  emptyDir:
    sizeLimit: 64Mi
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
{{- with .Values.kafka.tls.existingSecret.name }}
- name: kafka-tls
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- end -}}
