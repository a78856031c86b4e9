{# The day of a moment in UTC, whatever the session's time zone is. #}
{% macro utc_date(moment) %}{{ return(adapter.dispatch('utc_date', 'shop')(moment)) }}{% endmacro %}

{% macro postgres__utc_date(moment) %}cast({{ moment }} at time zone 'UTC' as date){% endmacro %}

{% macro snowflake__utc_date(moment) %}cast(convert_timezone('UTC', {{ moment }}) as date){% endmacro %}
