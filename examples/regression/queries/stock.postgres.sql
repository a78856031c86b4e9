select product_id, sum(on_hand) as on_hand from stock group by product_id;
