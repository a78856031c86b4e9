copy into @internal from t;
copy into 's3://bucket/path' from t storage_integration = s3_main;
copy into 's3://bucket/path' from t;
--        ^ S6
copy into t from 's3://bucket/x' credentials = (aws_key_id = 'x' aws_secret_key = 'y');
--                               ^ S6
copy into t from @stage/path file_format = (type = csv);
create stage internal file_format = (type = csv);
create or replace stage a url = 's3://bucket/' storage_integration = s3_main;
create or replace stage b url = 's3://bucket/';
--                        ^ S6
create stage c url='azure://x' credentials=(azure_sas_token='?sv=1');
--                             ^ S6
alter stage d set url = 's3://elsewhere/';
--                ^ S6
select 's3://bucket' as url, 'credentials = (x)' as c;
