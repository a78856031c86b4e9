create view paid as select * from orders where status = 'paid';
